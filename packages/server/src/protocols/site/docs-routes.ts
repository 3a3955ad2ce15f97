/** The description of the REST API at `/openapi.json`, and a page to read and try it at `/docs`. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { VERSION } from '../../version.ts'

/** To be called before the routes that are to be described, on the instance that holds them. */
export async function describeRoutes(http: FastifyInstance): Promise<void> {
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
}

export async function docsRoutes(http: FastifyInstance): Promise<void> {
  http.get('/openapi.json', async () => http.swagger())
  await http.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'none', persistAuthorization: true, tryItOutEnabled: true },
    theme: { title: 'Sonde API' },
  })
}
