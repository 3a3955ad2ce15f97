/** What routes read of a request beside its body. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BODY_BYTES_MAX } from './json-body.ts'

const contentTypes = new WeakMap<FastifyRequest, string>()

/** Makes the bodies of a scope arrive as bytes, whatever a client says that they are. */
export function keepBodies(http: FastifyInstance): void {
  http.removeAllContentTypeParsers()
  http.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
    async (_request: FastifyRequest, body: Buffer) => body,
  )
  http.addHook('onRequest', async (request) => {
    const type = request.headers['content-type']
    if (type === undefined) return
    contentTypes.set(request, type)
    // The framework would refuse some before it is known whether the body matters.
    delete request.raw.headers['content-type']
  })
}

export function contentTypeOf(request: FastifyRequest): string | undefined {
  return contentTypes.get(request)
}

export function credentialsOf({ headers, ip }: FastifyRequest) {
  return { authorization: headers.authorization, address: ip }
}

export function parametersOf({ params }: FastifyRequest): { id: string } {
  return params as { id: string }
}
