import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'

const KEY = 'abcdefgh "&=% ü?'

describe('sonde pin', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
    await run('create', '12345678')
  })
  afterAll(() => discardServer(server))

  const run = (...args: string[]) =>
    sondeHere(['pin', ...args], { environment: { SONDE_URL: server.url, SONDE_PIN_KEY: KEY } })

  it('writes pins and reads them, without any login', async () => {
    const text = 'door open, 5 € & more = "fine"'
    const set = await run('set', '12345678', 'ivp1=0', 'ivp8=9999', `svp1=${text}`)
    expect(set).toMatchObject({ code: 0, out: ['Wrote ivp1, ivp8, svp1 of 12345678'], err: [] })
    expect((await run('get', '12345678')).out).toEqual([
      expect.stringMatching(/^pin +value$/),
      expect.stringMatching(/^─+ +─+$/),
      expect.stringMatching(/^ivp1 +0$/),
      expect.stringMatching(/^ivp8 +9999$/),
      `svp1  ${text}`,
    ])
    expect((await run('get', '12345678', 'ivp8')).text).toBe('9999\n')
    expect(JSON.parse((await run('get', '12345678', '--json')).text)).toEqual({
      id: '12345678',
      pins: { ivp1: 0, ivp8: 9999, svp1: text },
    })
  })

  it('finds the server of a data folder as well', async () => {
    const environment = { SONDE_DATA_DIR: server.folder, SONDE_PIN_KEY: 'another key, it is'.slice(0, 16) }
    const made = await sondeHere(['pin', 'create', '00000001'], { environment })
    expect(made).toMatchObject({ code: 0, out: ['Made the pipeline 00000001'], err: [] })
  })

  it.each<[string, string[], RegExp]>([
    [
      'a pin that is none',
      ['set', '12345678', 'ivp9=1'],
      /^error: "ivp9" is no pin; these are: ivp1 to ivp8/,
    ],
    ['a pin without a value', ['set', '12345678', 'ivp1='], /^error: "ivp1=" has no value/],
    ['a pin that is there twice', ['set', '12345678', 'ivp1=1', 'ivp1=2'], /^error: ivp1 is there twice$/],
    [
      'a number that is too long',
      ['set', '12345678', 'ivp1=10000'],
      /^error: Pipeline 12345678: Integer limit 4 digits/,
    ],
    [
      'another key',
      ['get', '12345678', '--key', 'x'.repeat(16)],
      /^error: Pipeline 12345678: Wrong key; give the one/,
    ],
    [
      'a pipeline that is none',
      ['get', '87654321'],
      /^error: Pipeline 87654321: ID not found; "sonde pin create"/,
    ],
    ['an id that is none', ['get', '123'], /^error: Pipeline 123: ID must be exactly 8 digits long; such as/],
    [
      'a pipeline that is there',
      ['create', '12345678'],
      /^error: Pipeline 12345678: ID already exists; choose/,
    ],
  ])('refuses %s', async (_, args, reason) => {
    const { code, err } = await run(...args)
    expect(err).toEqual([expect.stringMatching(reason)])
    expect(code).toBe(1)
  })

  it('asks for a key', async () => {
    const { code, err } = await sondeHere(['pin', 'get', '12345678'], {
      environment: { SONDE_URL: server.url },
    })
    expect(err).toEqual(['error: A pipeline has a key; set SONDE_PIN_KEY, or give --key'])
    expect(code).toBe(1)
  })

  it('says which pins there are when one is not', async () => {
    await run('create', '11111111')
    expect((await run('get', '11111111')).err).toEqual([
      'error: Pipeline 11111111: Data not received; nothing was sent to it yet',
    ])
    await run('set', '11111111', 'ivp2=5')
    expect((await run('get', '11111111', 'ivp1')).err).toEqual([
      'error: ivp1 was not in what was sent last; that were ivp2',
    ])
  })
})
