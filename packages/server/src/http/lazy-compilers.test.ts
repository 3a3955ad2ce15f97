import Fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lazyCompilers } from './lazy-compilers.ts'

const UNKNOWN_TYPE = { type: 'nothing of this kind' }

function open() {
  const http = Fastify({ schemaController: { compilersFactory: lazyCompilers } })
  onTestFinished(() => http.close())
  http.setErrorHandler<{ validation?: object[] }>(({ validation }, _request, reply) => {
    return reply.code(validation ? 400 : 500).send({ problemCount: validation?.length })
  })
  return http
}

describe('lazy compilers', () => {
  it('validate each request by the schema of its route', async () => {
    const http = open()
    const body = {
      type: 'object',
      required: ['count'],
      properties: { count: { type: 'integer' }, unit: { type: 'string', default: 'm' } },
    }
    http.post('/', { schema: { body } }, async (request) => request.body)
    const post = async (payload: object) => {
      const reply = await http.inject({ method: 'POST', url: '/', payload })
      return [reply.statusCode, reply.json()]
    }
    expect(await post({ count: 1 })).toEqual([200, { count: 1, unit: 'm' }])
    expect(await post({ count: 'x' })).toEqual([400, { problemCount: 1 }])
    expect(await post({ count: 2, unit: 'km' })).toEqual([200, { count: 2, unit: 'km' }])
  })

  it('write answers by the schema of their status', async () => {
    const http = open()
    const answer = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } } })
    http.get<{ Querystring: { status: number } }>(
      '/',
      { schema: { response: { 200: answer('a'), '4xx': answer('b') } } },
      (request, reply) => reply.code(request.query.status).send({ a: '1', b: '2' }),
    )
    const bodyOf = async (status: number) => (await http.inject(`/?status=${status}`)).body
    expect(await bodyOf(200)).toBe('{"a":"1"}')
    expect(await bodyOf(404)).toBe('{"b":"2"}')
    expect(await bodyOf(500)).toBe('{"a":"1","b":"2"}')
  })

  it('leave a schema alone that no request asks for', async () => {
    const http = open()
    http.get('/broken', { schema: { querystring: UNKNOWN_TYPE } }, async () => 'broken')
    http.get('/', async () => 'fine')
    expect((await http.inject('/')).body).toBe('fine')
    expect((await http.inject('/broken')).statusCode).toBe(500)
  })
})
