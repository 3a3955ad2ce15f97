/** A request makes the server compile the schemas that it needs; here all of them are compiled. */
import Fastify, { type RouteOptions } from 'fastify'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { openHttp } from '../../http/open-http.ts'
import { restPlugin } from './plugin.ts'
import { openRestBench } from './rest.fixture.ts'

describe('REST routes', () => {
  it('have schemas that can be compiled', async () => {
    const { services } = await openRestBench()
    const http = openHttp(services.config, pino({ enabled: false }))
    const compiling = Fastify({ exposeHeadRoutes: false })
    const names: string[] = []
    http.addHook('onRoute', ({ method, url, schema, handler }: RouteOptions) => {
      names.push(`${method} ${url}`)
      compiling.route({ method, url, handler, ...(schema && { schema }) })
    })
    await http.register(restPlugin, services)
    await compiling.ready()
    expect(names).toContain('POST /data/')
    for (const instance of [http, compiling]) await instance.close()
  })
})
