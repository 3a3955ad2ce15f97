/** Doors through which boards update with the code that they have already. Register it with the prefix `/firmware`. */
import type { FastifyInstance } from 'fastify'
import { documentRoutes } from './document-routes.ts'
import { replyWithDetail } from './errors.ts'
import { fileRoutes } from './file-routes.ts'
import type { FirmwareServices } from './services.ts'
import { updateRoutes } from './update-routes.ts'

export async function firmwarePlugin(http: FastifyInstance, services: FirmwareServices): Promise<void> {
  http.setErrorHandler(replyWithDetail)
  http.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  updateRoutes(http, services)
  documentRoutes(http, services)
  fileRoutes(http, services)
}
