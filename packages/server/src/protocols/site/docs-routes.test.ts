import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../config.ts'
import { openHttp } from '../../http/open-http.ts'
import { docsRoutes } from './docs-routes.ts'

async function open() {
  const openQuietly = () => openHttp(loadConfig({}), pino({ enabled: false }))
  const http = openQuietly()
  docsRoutes(http, openQuietly)
  http.get('/untagged', async () => 'untagged')
  await http.register(
    async (scope) => {
      const params = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }
      scope.get(
        '/things/:id/',
        { schema: { tags: ['thing'], summary: 'One thing', params } },
        async () => 'thing',
      )
    },
    { prefix: '/api' },
  )
  const url = await http.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => http.close())
  return (path: string, init?: RequestInit) => fetch(url + path, init)
}

describe('docs', () => {
  it('describe the tagged routes of all scopes, and no other', async () => {
    const ask = await open()
    const { paths } = (await (await ask('/openapi.json')).json()) as { paths: object }
    expect(paths).toMatchObject({ '/api/things/{id}/': { get: { tags: ['thing'], summary: 'One thing' } } })
    expect(Object.keys(paths)).toEqual(['/api/things/{id}/'])
  })

  it.each<[path: string, status: number, type: RegExp]>([
    ['/docs', 200, /^text\/html/],
    ['/docs/', 200, /^text\/html/],
    ['/docs/json', 200, /^application\/json/],
    ['/docs/yaml', 200, /^application\/x-yaml/],
    ['/docs/static/swagger-ui.css', 200, /^text\/css/],
    ['/docs/static/nothing', 404, /^application\/json/],
    ['/docs/nothing', 404, /^application\/json/],
  ])('answer %s with %i', async (path, status, type) => {
    const ask = await open()
    for (const method of ['GET', 'HEAD']) {
      const reply = await ask(path, { method })
      expect([reply.status, reply.headers.get('content-type')]).toEqual([status, expect.stringMatching(type)])
    }
  })

  it('do not serve what they describe', async () => {
    const ask = await open()
    expect((await ask('/docs')).status).toBe(200)
    expect((await ask('/docs/api/things/first/')).status).toBe(404)
    expect(await (await ask('/api/things/first/')).text()).toBe('thing')
  })
})
