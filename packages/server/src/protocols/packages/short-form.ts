/**
 * The short form of addresses, `/api/v1/<package>[/<tag>]`. It gives way to everything else below `/api/v1`:
 * names of resources, whether they are there yet or not, stay theirs.
 */
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'

const RESERVED = new Set(
  (
    'admin user packages auth account alias component config data datablock dbstats device df dt event filter ' +
    'fleet key location note org ot ota pid production project property propertytemplate pt report s3file ' +
    'server sg shipping stream streamer tap variable vartemplate vartype widget ' +
    'live query token import member backup'
  ).split(' '),
)

/** Answers as if there were no such address, unless a client of packages asks for a name that is free. */
export function onlyShortForm(isTaken: (name: string) => boolean): onRequestHookHandler {
  return (request, reply, done) => {
    const name = (request.params as { package: string }).package
    const isFree = !RESERVED.has(name) && !isTaken(name)
    if (isFree && request.headers.token !== undefined && !hasTrailingSlash(request)) return done()
    void nativeNotFound(reply)
  }
}

export function hasTrailingSlash({ url }: FastifyRequest): boolean {
  return url.split('?', 1)[0].endsWith('/')
}

/** In the shape of the native API, to which such an address belongs. */
function nativeNotFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).type('application/json; charset=utf-8').send('{"detail":"Not found."}')
}
