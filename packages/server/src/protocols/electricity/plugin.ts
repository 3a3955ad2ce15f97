/**
 * The electricity API: `/login`, `/apielec/…`, its Swagger page and `/swagger.json`. Register it without a
 * prefix. The instance above must read bodies of GET requests:
 * `http.addHttpMethod('GET', { hasBody: true, overrideExisting: true })`.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type DataServices, dataRoutes } from './data-routes.ts'
import { failureHandler } from './errors.ts'
import { loginRoutes } from './login-routes.ts'
import { swaggerPage } from './swagger-page.ts'

/** A list of some hundred thousand ids. */
const BODY_BYTES_MAX = 1024 * 1024
const ADDRESSES = [
  '/login',
  '/apielec/ping',
  '/apielec/getData',
  '/apielec/getDataById',
  '/apielec/getDataByDate',
  '/apielec/getDataByRange',
] as const
const REFUSED_METHODS = ['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export async function electricityPlugin(http: FastifyInstance, services: DataServices): Promise<void> {
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_BYTES_MAX }, keepText)
  http.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    // Tokens and what they give access to stay out of shared caches; assets say otherwise themselves.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  http.setErrorHandler(failureHandler('ERROR'))
  loginRoutes(http, services.logins)
  swaggerPage(http)
  refuseOtherMethods(http)
  await http.register(async (scope) => dataRoutes(scope, services))
}

/** Bodies stay text until an address wants them: most ignore theirs, whatever it holds. */
async function keepText(_request: FastifyRequest, body: string): Promise<string> {
  return body
}

function refuseOtherMethods(http: FastifyInstance): void {
  for (const url of ADDRESSES) {
    const allowed = url === '/login' ? 'GET, HEAD, POST' : 'GET, HEAD'
    const method = url === '/login' ? [...REFUSED_METHODS] : [...REFUSED_METHODS, 'POST']
    http.route({
      method,
      url,
      handler: (_request, reply) =>
        reply
          .code(405)
          .header('allow', allowed)
          .send({ message: 'The method is not allowed for the requested URL.' }),
    })
  }
}
