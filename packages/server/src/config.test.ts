import { describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({ PATH: '/bin' })).toMatchObject({
      host: '0.0.0.0',
      port: 8080,
      dataDir: './data',
      publicUrl: undefined,
      registration: 'closed',
      retentionDays: undefined,
      logLevel: 'info',
      timeseriesUsers: undefined,
      timeseriesZone: 'UTC',
    })
  })

  it('takes what is set, and what is set to nothing as not set', () => {
    const config = loadConfig({ SONDE_PORT: '0', SONDE_PUBLIC_URL: 'https://a.example/s/', SONDE_HOST: '' })
    expect(config).toMatchObject({ port: 0, publicUrl: 'https://a.example/s', host: '0.0.0.0' })
  })

  it.each([
    ['90d', 90],
    ['2y', 731],
    ['forever', undefined],
  ])('reads a retention of %s', (text, days) => {
    expect(loadConfig({ SONDE_RETENTION: text }).retentionDays).toBe(days)
  })

  it('reads the settings of the package manager', () => {
    const environment = {
      SONDE_PACKAGES_TYPES: 'BIN,uf2',
      SONDE_PACKAGES_FILE_MAX_MB: '2',
      SONDE_PACKAGES_TOKEN_HOURS: '1',
      SONDE_PACKAGES_TAGS_KEPT: '5',
    }
    expect(loadConfig(environment).packages).toEqual({
      registration: 'open',
      publishing: 'anybody',
      fileTypes: ['bin', 'uf2'],
      fileBytesMax: 2_097_152,
      tokenLifeS: 3_600,
      tagsKept: 5,
      quotaBytes: 10_737_418_240,
      quotaTags: 10_000,
    })
  })

  it('leaves the names of the command line to it', () => {
    expect(loadConfig({ SONDE_URL: 'x', SONDE_TOKEN: 'y' }).port).toBe(8080)
  })

  it.each([
    [{ SONDE_PORT: '80a' }, /SONDE_PORT is "80a"; it must be a whole number from 0 to 65535/],
    [{ SONDE_PORT: '70000' }, /SONDE_PORT/],
    [{ SONDE_LOG_LEVEL: 'loud' }, /SONDE_LOG_LEVEL is "loud"; it must be one of trace, debug/],
    [{ SONDE_PUBLIC_URL: 'ftp://x' }, /SONDE_PUBLIC_URL.*such as https/],
    [{ SONDE_REGISTRATION: 'maybe' }, /SONDE_REGISTRATION.*closed, open/],
    [{ SONDE_MEMORY_MAX_MB: '1' }, /SONDE_MEMORY_MAX_MB.*from 128/],
    [{ SONDE_RETENTION: '90' }, /SONDE_RETENTION is "90".*90d, years such as 2y, or forever/],
    [{ SONDE_RETENTION: '0d' }, /SONDE_RETENTION/],
    [{ SONDE_PACKAGES_TYPES: '.bin' }, /SONDE_PACKAGES_TYPES is ".bin".*such as bin,uf2/],
    [{ SONDE_PIPELINE_ZONE: 'Nowhere' }, /SONDE_PIPELINE_ZONE is "Nowhere".*such as Europe\/Madrid/],
    [{ SONDE_PROT: '1' }, /SONDE_PROT is not a setting of this version.*SONDE_PORT/],
  ])('refuses %o and says what would be right', (environment, message) => {
    expect(() => loadConfig(environment)).toThrow(message)
  })
})
