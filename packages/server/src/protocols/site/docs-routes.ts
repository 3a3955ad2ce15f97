/** The description of the REST API at `/openapi.json`, and a page to read and try it at `/docs`. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { once } from '../../model/once.ts'

const ADDRESSES = ['/openapi.json', '/docs', '/docs/*']

/**
 * To be called before the routes that are to be described, on the instance that holds them. The description
 * is made at the first request for it, on an instance of its own.
 */
export function docsRoutes(http: FastifyInstance, openHttp: () => FastifyInstance): void {
  const described: RouteOptions[] = []
  http.addHook('onRoute', ({ method, url, schema, handler }) => {
    // The instance of the description adds HEAD to each GET itself.
    if (schema?.tags && method !== 'HEAD') described.push({ method, url, schema, handler })
  })
  const docs = once(async () => {
    const { buildDocs } = await import('./docs-app.ts')
    return buildDocs(openHttp(), described)
  })
  /** Before a body is read: that is up to the other instance. */
  const handOver = async (request: FastifyRequest, reply: FastifyReply) => {
    const { routing } = await docs()
    reply.hijack()
    routing(request.raw, reply.raw)
  }
  for (const url of ADDRESSES) http.get(url, { onRequest: handOver }, () => {})
}
