/**
 * The description of the REST API and the page that shows it, as a Fastify instance of their own: it holds
 * what describes, which is not needed before somebody reads.
 */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { VERSION } from '../../version.ts'

/** Registers all on `http`, whose other routes are described and not called. */
export async function buildDocs(
  http: FastifyInstance,
  routes: readonly RouteOptions[],
): Promise<FastifyInstance> {
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sonde',
        version: VERSION,
        description: 'Projects, devices, variables and streams, their points, and queries over them.',
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'A token made at `/api/v1/token/`, or the `jwt` or `token` that a login hands out',
          },
        },
      },
      security: [{ token: [] }],
    },
    // The other dialects describe themselves.
    hideUntagged: true,
  })
  for (const route of routes) http.route(route)
  http.get('/openapi.json', async () => http.swagger())
  await http.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'none', persistAuthorization: true, tryItOutEnabled: true },
    theme: { title: 'Sonde API' },
  })
  http.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not found.' }))
  await http.ready()
  return http
}
