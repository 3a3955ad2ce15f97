/** Mutated line protocol through the server's door: what is good in a body is stored, whatever else is in it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../seeded.ts'
import { discardServer, type RunningServer, startServer, temporaryFolder } from '../server.fixture.ts'
import { BodyMaker, goodLines } from './line-protocol.ts'

const BODIES = 150

describe('line protocol', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
  })
  afterAll(() => discardServer(server))

  it('stores the good lines between bad ones', async () => {
    const bodies = new BodyMaker(seededRandom(1))
    const expected: number[] = []
    for (let i = 0; i < BODIES; i++) {
      const body = bodies.make()
      // The door for InfluxDB's clients lies beside the API that the fixture asks.
      const reply = await server.request('../v2/write?bucket=fuzz', { method: 'POST', body })
      expect([204, 400], `body ${i}: ${await reply.text()}`).toContain(reply.status)
      for (const { number } of goodLines(body)) expected.push(number)
    }
    const reply = await server.request('query/?project=fuzz&device=good&variable=good.v')
    const [{ times, values }] = (await reply.json()).results as { times: number[]; values: number[] }[]
    const stored = new Map(times.map((time, i) => [Math.round(time * 1_000), values[i]]))
    expect(expected.length).toBeGreaterThan(BODIES / 4)
    expect(expected.filter((number) => stored.get(number) !== number)).toEqual([])
  }, 120_000)
})
