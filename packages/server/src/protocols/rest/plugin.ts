/** The native REST API. Register it with the prefix `/api/v1`. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { acceptJsonBodies } from '../../http/json-body.ts'
import { requireCaller } from './caller.ts'
import { replyWithError } from './errors.ts'
import { refuseOtherMethods } from './other-methods.ts'
import { accountRoutes, publicAccountRoutes } from './routes/account.ts'
import { authRoutes, publicAuthRoutes } from './routes/auth.ts'
import { dataRoutes } from './routes/data.ts'
import { deviceRoutes } from './routes/device.ts'
import { dfRoutes } from './routes/df.ts'
import { importCsvRoutes } from './routes/import-csv.ts'
import { importElectricityRoutes } from './routes/import-electricity.ts'
import { orgRoutes } from './routes/org.ts'
import { orgMemberRoutes } from './routes/org-members.ts'
import { projectRoutes } from './routes/project.ts'
import { queryRoutes } from './routes/query.ts'
import { streamRoutes } from './routes/stream.ts'
import { streamDataRoutes } from './routes/stream-data.ts'
import { tokenRoutes } from './routes/token.ts'
import { variableRoutes } from './routes/variable.ts'
import type { RestServices } from './services.ts'

const PUBLIC_ROUTES = [publicAuthRoutes, publicAccountRoutes]

const ROUTES = [
  authRoutes,
  accountRoutes,
  tokenRoutes,
  orgRoutes,
  orgMemberRoutes,
  projectRoutes,
  deviceRoutes,
  variableRoutes,
  streamRoutes,
  streamDataRoutes,
  dataRoutes,
  dfRoutes,
  queryRoutes,
  importCsvRoutes,
  importElectricityRoutes,
]

export async function restPlugin(http: FastifyInstance, services: RestServices): Promise<void> {
  acceptJsonBodies(http)
  http.setErrorHandler(replyWithError)
  http.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not found.' }))
  // Both scopes have methods of one address, `account/`, and know of each other's by this.
  const refuseOthers = refuseOtherMethods(http)
  await http.register(async (scope) => {
    for (const routes of PUBLIC_ROUTES) routes(scope.withTypeProvider<TypeBoxTypeProvider>(), services)
  })
  await http.register(async (scope) => {
    requireCaller(scope, services.authenticator)
    for (const routes of ROUTES) routes(scope.withTypeProvider<TypeBoxTypeProvider>(), services)
  })
  await http.register(async () => refuseOthers())
}
