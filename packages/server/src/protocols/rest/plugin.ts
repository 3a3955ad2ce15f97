/** The native REST API. Register it with the prefix `/api/v1`. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import type { FrontDoor } from '../../http/front-door.ts'
import { HeldBytes } from '../../http/held-bytes.ts'
import { acceptJsonBodies } from '../../http/json-body.ts'
import { requireCaller } from './caller.ts'
import { replyWithError } from './errors.ts'
import { refuseOtherMethods } from './other-methods.ts'
import { hotQueryRoute } from './query-requests.ts'
import { accountRoutes, publicAccountRoutes } from './routes/account.ts'
import { authRoutes, publicAuthRoutes } from './routes/auth.ts'
import { backupRoutes } from './routes/backup.ts'
import { commandRoutes } from './routes/command.ts'
import { dataRoutes } from './routes/data.ts'
import { dataBlockRoutes } from './routes/datablock.ts'
import { deviceRoutes } from './routes/device.ts'
import { deviceClaimRoutes } from './routes/device-claims.ts'
import { deviceDataRoutes } from './routes/device-data.ts'
import { deviceFirmwareRoutes } from './routes/device-firmware.ts'
import { deviceMaskRoutes } from './routes/device-mask.ts'
import { deviceStateRoutes } from './routes/device-state.ts'
import { deviceTemplateRoutes } from './routes/device-template.ts'
import { dfRoutes } from './routes/df.ts'
import { eventRoutes } from './routes/event.ts'
import { eventUploadRoutes } from './routes/event-upload.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { fleetDeviceRoutes } from './routes/fleet-devices.ts'
import { generatedReportRoutes } from './routes/generated-report.ts'
import { generatedReportFileRoutes, publicReportFileRoutes } from './routes/generated-report-file.ts'
import { generatedReportUploadRoutes, publicReportUploadRoutes } from './routes/generated-report-upload.ts'
import { importCsvRoutes } from './routes/import-csv.ts'
import { importElectricityRoutes } from './routes/import-electricity.ts'
import { keyRoutes } from './routes/key.ts'
import { orgRoutes } from './routes/org.ts'
import { orgMemberRoutes } from './routes/org-members.ts'
import { otaActionRoutes } from './routes/ota-action.ts'
import { otaDeviceRoutes } from './routes/ota-device.ts'
import { otaRequestRoutes } from './routes/ota-request.ts'
import { otaScriptRoutes } from './routes/ota-script.ts'
import { otaScriptFileRoutes } from './routes/ota-script-file.ts'
import { passwordResetRoutes, publicPasswordResetRoutes } from './routes/password-reset.ts'
import { projectRoutes } from './routes/project.ts'
import { propertyRoutes } from './routes/property.ts'
import { queryRoutes } from './routes/query.ts'
import { reportAccumulationRoutes } from './routes/report-accumulation.ts'
import { rolloutRoutes } from './routes/rollout.ts'
import { rolloutActionRoutes } from './routes/rollout-actions.ts'
import { sensorGraphRoutes } from './routes/sensor-graph.ts'
import { shadowRoutes } from './routes/shadow.ts'
import { streamRoutes } from './routes/stream.ts'
import { streamDataRoutes } from './routes/stream-data.ts'
import { streamerRoutes } from './routes/streamer.ts'
import { streamerReportRoutes } from './routes/streamer-report.ts'
import { streamerReportUploadRoutes } from './routes/streamer-report-upload.ts'
import { tokenRoutes } from './routes/token.ts'
import { variableRoutes } from './routes/variable.ts'
import { vartypeRoutes } from './routes/vartype.ts'
import type { RestServices } from './services.ts'

/** Largest bodies that may be held at a time; what is made of one takes several times its memory. */
const LARGE_BODIES_MAX = 2

const PUBLIC_ROUTES = [
  publicAuthRoutes,
  publicAccountRoutes,
  publicPasswordResetRoutes,
  publicReportUploadRoutes,
  publicReportFileRoutes,
]

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
  backupRoutes,
  eventRoutes,
  eventUploadRoutes,
  propertyRoutes,
  dataBlockRoutes,
  vartypeRoutes,
  fleetRoutes,
  fleetDeviceRoutes,
  deviceClaimRoutes,
  deviceDataRoutes,
  deviceStateRoutes,
  sensorGraphRoutes,
  deviceTemplateRoutes,
  otaScriptRoutes,
  otaScriptFileRoutes,
  otaRequestRoutes,
  otaActionRoutes,
  otaDeviceRoutes,
  shadowRoutes,
  commandRoutes,
  streamerRoutes,
  streamerReportRoutes,
  streamerReportUploadRoutes,
  deviceMaskRoutes,
  keyRoutes,
  passwordResetRoutes,
  generatedReportRoutes,
  generatedReportUploadRoutes,
  generatedReportFileRoutes,
  reportAccumulationRoutes,
  rolloutRoutes,
  rolloutActionRoutes,
  deviceFirmwareRoutes,
]

/** @param options.door Where queries come in first, if there is one. */
export async function restPlugin(
  http: FastifyInstance,
  { door, ...services }: RestServices & { readonly door?: FrontDoor },
): Promise<void> {
  acceptJsonBodies(http, new HeldBytes(LARGE_BODIES_MAX * services.config.limits.bodyBytesMax))
  http.setErrorHandler(replyWithError)
  if (door !== undefined) hotQueryRoute(door, services, { path: `${http.prefix}/query/`, log: http.log })
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
