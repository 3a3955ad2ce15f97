/** The logger as it stands, on a board without hardware, against a server of its own. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../tests/server.fixture.ts'
import { openBoard } from './board.fixture.ts'

let server: RunningServer
beforeAll(async () => {
  server = await startServer(await temporaryFolder())
})
afterAll(() => discardServer(server))

it('makes one series, and goes on with it after the board was switched off and the server was away', async () => {
  const program = await readFile(join(import.meta.dirname, 'esp32-logger.py'), 'utf8')
  const config = {
    wifi: 'w',
    password: 'p',
    url: server.url,
    token: ADMIN.token,
    name: 'cellar',
    about: 'wine',
    pin: 4,
  }
  const board = openBoard({ 'config.json': JSON.stringify(config) })
  const get = async (path: string): Promise<any> => (await fetch(`${server.url}${path}`)).json()

  await board.run(program, { seconds: 120, temperatures: [11.5, 11.75] })
  expect(board.files.get('series.json')).toBe('1')
  board.files.set('config.json', JSON.stringify({ ...config, url: 'http://127.0.0.1:9' }))
  await board.run(program, { seconds: 60, temperatures: [99] })
  expect(board.printed).toEqual([expect.stringMatching(/^not sent: /)])
  board.files.set('config.json', JSON.stringify(config))
  await board.run(program, { seconds: 60, temperatures: [12] })

  expect(await get('/series')).toMatchObject({ 1: { device_id: 'cellar', device_desc: 'wine', count: 3 } })
  const points = await get('/series/1')
  expect(points.map(({ fields }: any) => fields)).toEqual([
    { temp_C: 11.5 },
    { temp_C: 11.75 },
    { temp_C: 12 },
  ])
})
