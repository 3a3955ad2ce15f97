import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'

describe('sonde plot', () => {
  let server: RunningServer
  let environment: Record<string, string>
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
    environment = { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token }
    const start = Date.parse('2024-05-01T00:00:00Z')
    const lines = Array.from({ length: 25 * 60 }, (_, minute) => {
      const angle = (2 * Math.PI * minute) / (24 * 60)
      const time = start + minute * 60_000
      return [
        { device: 'boiler', variable: 'temp', value: minute === 700 ? 90 : 20 - 5 * Math.cos(angle), time },
        { device: 'boiler', variable: 'power', value: minute % 90 < 10 ? 1_500 : 0, time },
        { device: 'door', variable: 'state', value: minute % 2 ? 'open' : 'shut', time },
      ]
    }).flat()
    const input = lines.map((line) => JSON.stringify(line)).join('\n')
    const written = await sondeHere(['write', '--project', 'Home'], { environment, input })
    expect(written.out).toEqual(['Wrote 4500 points, 0 rejected'])
  })
  afterAll(() => discardServer(server))

  const plot = (args: string[], columns?: number, more: Record<string, string> = {}) =>
    sondeHere(['plot', '--project', 'Home', ...args], {
      environment: { ...environment, ...more },
      ...(columns === undefined ? {} : { columns }),
    })

  it('draws a series, with a spike of a minute in a day', async () => {
    const { code, out, err } = await plot(['--variable', 'temp', '--height', '6'])
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out[0]).toMatch(/^━━ boiler temp {2}min 15 {2}max 90 {2}last 15\.\d+$/)
    expect(out[1]).toMatch(/[⠁-⣿]/)
    expect(out.at(-1)).toMatch(/05-01 +06:00 +12:00 +18:00 +05-02/)
    expect(Math.max(...out.slice(1).map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(out).toHaveLength(1 + 6 + 2)
  })

  it('draws all series in colours on a terminal, as wide as that is', async () => {
    const { out } = await plot(['--device', 'boiler'], 60)
    expect(out[0]).toContain('\u001b[36m━━\u001b[0m temp  min 15  max 90')
    expect(out[1]).toContain('\u001b[33m━━\u001b[0m power  min 0  max 1500')
    expect(out.at(-2)).toMatch(/^ +└[─┬]+$/)
    expect(out.at(-2)).toHaveLength(60)
    expect(out).toHaveLength(2 + 15 + 2)
  })

  it('draws without colours where they are not wanted', async () => {
    expect((await plot(['--device', 'boiler'], 60, { NO_COLOR: '1' })).text).not.toContain('\u001b')
  })

  it('takes the range and the zone that it is told', async () => {
    const range = ['--start', '2024-05-01T06:00', '--end', '2024-05-01T12:00', '--tz', 'Europe/Madrid']
    const { out } = await plot(['--variable', 'temp', ...range])
    expect(out.at(-1)).toMatch(/^ +06:00 +08:00 +10:00$/)
  })

  it('draws the first six of many, and says so', async () => {
    const lines = Array.from({ length: 16 }, (_, i) =>
      JSON.stringify({ device: `d${i % 8}`, variable: 'v', value: i, time: 1_714_521_600_000 + i }),
    )
    await sondeHere(['write', '--project', 'Many'], { environment, input: lines.join('\n') })
    const many = await sondeHere(['plot', '--project', 'Many'], { environment, columns: 50 })
    expect(many.out.filter((line) => line.includes('━━'))).toHaveLength(6)
    expect(many.err).toEqual(['2 more series; name fewer of them, or put them together with --by'])
    const together = await sondeHere(['plot', '--project', 'Many', '--by', 'variable'], { environment })
    expect(together.out[0]).toBe('━━ v  min 0  max 15  last 15')
  })

  it('prints what it would draw', async () => {
    const { text } = await plot(['--variable', 'temp', '--width', '24', '--json'])
    const [series] = JSON.parse(text)
    expect(series.label).toBe('boiler temp')
    expect(series.times.length).toBeLessThanOrEqual(49)
    expect([Math.min(...series.min), Math.max(...series.max)]).toEqual([15, 90])
  })

  it('says that there is nothing to draw', async () => {
    expect(await plot(['--device', 'door'])).toMatchObject({ code: 0, out: [], err: ['No numbers to draw'] })
    expect(await plot(['--start', '2030-01-01'])).toMatchObject({
      code: 0,
      out: [],
      err: ['No numbers to draw'],
    })
  })

  it.each([
    [['--width', '5'], /--width takes 24 to 1000 characters/],
    [['--height', 'x'], /--height takes 3 to 200 lines/],
    [['--by', 'hand'], /Allowed choices are stream, device, variable, none/],
  ])('refuses %j', async (args, reason) => {
    const { code, err } = await plot(args)
    expect(err[0]).toMatch(reason)
    expect(code).toBe(2)
  })
})
