/** Which names stand first below a prefix, so that a protocol with free names there leaves them alone. */
import type { FastifyInstance } from 'fastify'

/** Notes the routes that are registered from now on; those whose first part is free are none of them. */
export function firstPartsBelow(http: FastifyInstance, prefix: string): ReadonlySet<string> {
  const names = new Set<string>()
  http.addHook('onRoute', ({ url }) => {
    if (!url.startsWith(`${prefix}/`)) return
    const [name] = url.slice(prefix.length + 1).split('/', 1)
    if (name !== '' && !/[:*]/.test(name)) names.add(name)
  })
  return names
}
