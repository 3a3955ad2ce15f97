/** Answers 405 where an address exists and the method does not. */
import type { FastifyInstance, HTTPMethods } from 'fastify'

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Call it before the routes of a scope; what it returns is to be called after them. */
export function refuseOtherMethods(http: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>()
  http.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set()
    for (const name of [method].flat()) methods.add(name)
    known.set(url, methods)
  })
  return () => {
    // A copy, since the routes added here are noticed as well.
    for (const [url, methods] of [...known]) {
      const missing = METHODS.filter((method) => !methods.has(method))
      if (missing.length === 0) continue
      const allow = [...methods].join(', ')
      http.route({
        method: missing,
        url: url.slice(http.prefix.length),
        schema: { hide: true },
        handler: (request, reply) =>
          reply
            .code(405)
            .header('allow', allow)
            .send({ detail: `Method "${request.method}" not allowed.` }),
      })
    }
  }
}
