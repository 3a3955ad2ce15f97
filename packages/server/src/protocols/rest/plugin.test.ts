/** All routes at once: that their schemas can be compiled, and that the reference names them. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Fastify, { type RouteOptions } from 'fastify'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { openHttp } from '../../http/open-http.ts'
import { restPlugin } from './plugin.ts'
import { openRestBench } from './rest.fixture.ts'

const REFERENCE = fileURLToPath(new URL('../../../../../docs/reference/rest-api.md', import.meta.url))

/** A line for each address, sorted: its methods, and what comes after `/api/v1/`. */
function linesOf(routes: readonly string[]): string[] {
  const methodsOf = new Map<string, string[]>()
  for (const route of routes) {
    const [method, path] = route.split(' ') as [string, string]
    if (method === 'HEAD') continue
    const address = path
      .slice(1)
      .replace(/:(\w+)/g, '<$1>')
      .replace('*', '<name>')
    methodsOf.set(address, [...(methodsOf.get(address) ?? []), method])
  }
  const lines = Array.from(methodsOf, ([address, methods]) => {
    const ordered = METHODS.filter((method) => methods.includes(method))
    return { address, line: `${ordered.join(' ').padEnd(25)} ${address}` }
  })
  return lines.sort((a, b) => (a.address < b.address ? -1 : 1)).map(({ line }) => line)
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

describe('REST routes', () => {
  it('are all in the reference, with their methods', async () => {
    const { routes } = await openRestBench()
    const [, listed = ''] =
      /## All addresses\n.*?```text\n(.*?)```/s.exec(readFileSync(REFERENCE, 'utf8')) ?? []
    expect(listed.trimEnd().split('\n')).toEqual(linesOf(routes))
  })

  // A request makes the server compile the schemas that it needs; here all of them are compiled.
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
