/** The whole server is killed while clients write; every point that was answered with 201 must be there. */
import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type RunningServer, startServer, temporaryFolder } from './server.fixture.ts'

const ROUNDS = 5
const WRITERS = 6
const START_MS = Date.UTC(2026, 0, 1)

describe('server', () => {
  it(`keeps what it acknowledged over ${ROUNDS} kills`, async () => {
    const folder = await temporaryFolder()
    const acknowledged = new Array<number>(WRITERS).fill(-1)
    let streams: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const server = await startServer(folder)
      if (round === 0) streams = await makeStreams(server)
      await check(server, streams, acknowledged)
      const writers = streams.map((stream, writer) => writeOn(server, stream, acknowledged, writer))
      setTimeout(() => void server.end('SIGKILL'), 200 + Math.random() * 400)
      await Promise.all(writers)
    }
    const server = await startServer(folder)
    await check(server, streams, acknowledged)
    expect(Math.min(...acknowledged)).toBeGreaterThan(ROUNDS)
    expect(await server.end()).toBe(0)
    await rm(folder, { recursive: true })
  }, 120_000)
})

async function makeStreams(server: RunningServer): Promise<string[]> {
  const post = async (path: string, body: object) => {
    const reply = await server.request(path, { method: 'POST', body: JSON.stringify(body) })
    expect(reply.status).toBe(201)
    return reply.json()
  }
  const { results } = await (await server.request('org/')).json()
  const project = await post('project/', { name: 'Crash', org: results[0].slug })
  const device = await post('device/', { label: 'logger', project: project.id })
  const device_id = device.slug.slice(3)
  return Array.from({ length: WRITERS }, (_, i) => {
    return `s--${project.slug.slice(3)}--${device_id}--500${i}`
  })
}

/** One point after the other until the server is gone. */
async function writeOn(
  server: RunningServer,
  stream: string,
  acknowledged: number[],
  writer: number,
): Promise<void> {
  for (let count = acknowledged[writer] + 1; ; count++) {
    const timestamp = new Date(START_MS + count * 1_000).toISOString()
    const body = JSON.stringify({ stream, timestamp, int_value: count })
    const reply = await server.request('data/', { method: 'POST', body }).catch(() => undefined)
    if (reply?.status !== 201) return
    acknowledged[writer] = count
  }
}

async function check(server: RunningServer, streams: string[], acknowledged: number[]): Promise<void> {
  for (const [writer, stream] of streams.entries()) {
    const reply = await server.request(`data/?filter=${stream}&page_size=20000`)
    const { results } = (await reply.json()) as { results: { int_value: number; timestamp: string }[] }
    expect(results.length).toBeGreaterThan(acknowledged[writer])
    results.forEach(({ int_value, timestamp }, i) => {
      expect([int_value, Date.parse(timestamp)]).toEqual([i, START_MS + i * 1_000])
    })
    acknowledged[writer] = results.length - 1
  }
}
