/**
 * The package manager: `/api/v1/packages…`, `/api/v1/user/…`, `/api/v1/admin/user_list`, and the short form of
 * addresses. Register it with the prefix `/api/v1`. The instance above must read bodies of GET requests:
 * `http.addHttpMethod('GET', { hasBody: true, overrideExisting: true })`.
 */
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify'
import { replyWithMessage } from './errors.ts'
import { canonicalReadRoutes, readRoutes, uploadRoutes } from './package-routes.ts'
import type { PackagesServices } from './services.ts'
import { hasTrailingSlash, onlyShortForm } from './short-form.ts'
import { signatureRoutes } from './signature-routes.ts'
import { UploadAllowance } from './upload-allowance.ts'
import { userRoutes } from './user-routes.ts'

const BASE = '/packages'
const JSON_BYTES_MAX = 64 * 1024
const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

export async function packagesPlugin(http: FastifyInstance, services: PackagesServices): Promise<void> {
  http.removeAllContentTypeParsers()
  http.setErrorHandler(replyWithMessage)
  http.setReplySerializer((body) => JSON.stringify(body, null, 2))
  http.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  const refuseOthers = refuseOtherMethods(http)
  const allowance = new UploadAllowance(services)
  const short = { base: '', onRequest: onlyShortForm(services.isTaken) }

  await http.register(async (canonical) => {
    refuseTrailingSlashes(canonical)
    await canonical.register(async (scope) => {
      scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: JSON_BYTES_MAX }, keepText)
      userRoutes(scope, services)
      signatureRoutes(scope, services)
      canonicalReadRoutes(scope, services)
      readRoutes(scope, services, { base: BASE })
    })
    await canonical.register(async (scope) => {
      scope.addContentTypeParser('*', keepStream)
      uploadRoutes(scope, services, { base: BASE, allowance })
    })
    refuseOthers(canonical)
  })
  await http.register(async (scope) => {
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: JSON_BYTES_MAX }, keepText)
    readRoutes(scope, services, short)
  })
  await http.register(async (scope) => {
    scope.addContentTypeParser('*', keepStream)
    uploadRoutes(scope, services, { ...short, allowance })
  })
}

/** Bodies stay text: what an address makes of the wrong kind is a matter of the order of its checks. */
async function keepText(_request: FastifyRequest, body: string): Promise<string> {
  return body
}

async function keepStream(_request: FastifyRequest, body: unknown): Promise<unknown> {
  return body
}

function refuseTrailingSlashes(http: FastifyInstance): void {
  http.addHook('onRequest', async (request, reply) => {
    if (hasTrailingSlash(request)) return reply.code(404).send({ message: 'Not Found' })
  })
}

/** Notes the routes that follow; what it returns adds the methods that they lack. */
function refuseOtherMethods(http: FastifyInstance): (scope: FastifyInstance) => void {
  const known = new Map<string, Set<string>>()
  http.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set()
    for (const name of [method].flat()) methods.add(name)
    known.set(url, methods)
  })
  return (scope) => {
    for (const [url, methods] of [...known]) {
      const allow = [...methods].sort().join(', ')
      scope.route({
        method: METHODS.filter((method) => !methods.has(method)),
        url: url.slice(scope.prefix.length),
        schema: { hide: true },
        handler: (_request, reply) =>
          reply
            .code(405)
            .header('allow', allow)
            .send({ message: 'The method is not allowed for the requested URL.' }),
      })
    }
  }
}
