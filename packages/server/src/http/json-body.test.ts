import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeldBytes } from './held-bytes.ts'
import { acceptJsonBodies } from './json-body.ts'

const HELD_BYTES = 200_000

let held: HeldBytes
let http: FastifyInstance
beforeEach(() => {
  held = new HeldBytes(HELD_BYTES)
  http = Fastify() as unknown as FastifyInstance
  acceptJsonBodies(http, held)
  http.setErrorHandler((error, _request, reply) => reply.code(400).send({ reason: Object(error).message }))
  http.post('/echo', { bodyLimit: 150_000 }, async (request) => ({ body: request.body }))
})
afterEach(() => http.close())

async function post(body: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  return (await http.inject({ method: 'POST', url: '/echo', headers, body })).json()
}

describe('JSON body', () => {
  it.each([
    ['{"a":[1,"ü"]}', { body: { a: [1, 'ü'] } }],
    ['  ', {}],
    ['{"__proto__":{"x":1},"b":2}', { body: { b: 2 } }],
    ['{"a":', { reason: expect.stringContaining('JSON parse error') }],
    [`"${'x'.repeat(150_000)}"`, { reason: 'The body is larger than 150000 bytes' }],
  ])('%.20s is read, or refused with the reason', async (body, answer) => {
    expect(await post(body)).toEqual(answer)
  })

  it('counts as held until its request is answered, and no longer', async () => {
    const large = JSON.stringify('x'.repeat(140_000))
    for (let i = 0; i < 3; i++) expect(await post(large)).toHaveProperty('body')
    held.take(100_000, HELD_BYTES)
    expect(await post(large)).toEqual({ reason: 'Too many writes at once' })
    held.give(100_000)
    expect(await post(large)).toHaveProperty('body')
  })
})
