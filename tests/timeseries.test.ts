/** The timeseries API on a server that is killed while points come in. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type RunningServer, startServer, temporaryFolder } from './server.fixture.ts'

const POINTS_BEFORE_KILL = 200
const WRITERS = 8

it('loses no acknowledged point and uses no id twice when it is killed', async () => {
  const folder = await temporaryFolder()
  const users = join(folder, 'users.json')
  await writeFile(users, '{"tok": {"name": "Robin", "id": 1}}')
  const environment = { SONDE_TIMESERIES_USERS: users }
  let server = await startServer(folder, environment)
  onTestFinished(async () => {
    await server.end()
    await rm(folder, { recursive: true })
  })
  const put = (path: string, body: object) =>
    fetch(`${server.url}/api${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'tok', ...body }),
    })
  const get = async (path: string): Promise<any> => (await fetch(`${server.url}${path}`)).json()
  await put('/series/new', { device_id: 'a', device_desc: 'b' })

  const stored = new Map<number, number>()
  let killed: Promise<unknown> | undefined
  let value = 0
  const writer = async () => {
    while (killed === undefined) {
      const mine = value++
      const reply = await put('/point/new', { series_id: 1, fields: { mine } }).catch(() => undefined)
      const id: any = await reply?.json().catch(() => undefined)
      if (id === undefined) return
      stored.set(id, mine)
      if (stored.size >= POINTS_BEFORE_KILL) killed ??= (server as RunningServer).end('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  await killed

  server = await startServer(folder, environment)
  const points: { id: number; fields: { mine: number } }[] = await get('/series/1')
  const found = new Map(points.map(({ id, fields }) => [id, fields.mine]))
  expect(found.size).toBe(points.length)
  expect(await get('/points/count')).toBe(points.length)
  for (const [id, mine] of stored) expect(found.get(id)).toBe(mine)
  const [last] = [...stored.keys()].sort((a, b) => b - a)
  expect(await get(`/point/${last}`)).toMatchObject({ id: last, fields: { mine: stored.get(last) } })
  const next: any = await (await put('/point/new', { series_id: 1, fields: {} })).json()
  expect(next).toBeGreaterThan(Math.max(...found.keys()))
})
