/**
 * The door for InfluxDB's clients: `/write`, `/query`, `/ping`, `/health` and `/api/v2/…`. They write here as
 * to a server of version 1 or 2; points are read elsewhere. Register it without a prefix.
 */
import type { FastifyInstance } from 'fastify'
import { InfluxCredentials, requireCaller } from './credentials.ts'
import { errorHandler } from './errors.ts'
import { LineWriter } from './line-writer.ts'
import {
  INFLUX_VERSION,
  pingRoutes,
  queryRoutesOfVersion1,
  queryRoutesOfVersion2,
  setupRoute,
} from './probe-routes.ts'
import { RequestBodies } from './request-body.ts'
import type { InfluxServices } from './services.ts'
import { writeRoutesOfVersion1, writeRoutesOfVersion2 } from './write-routes.ts'
import { WriteTargets } from './write-target.ts'

/** Largest bodies that may be held at a time; small ones hardly count. */
const LARGE_BODIES_MAX = 4

export async function influxPlugin(http: FastifyInstance, services: InfluxServices): Promise<void> {
  const { config, clock, ingest, authenticator } = services
  const { bodyBytesMax } = config.limits
  const bodies = new RequestBodies({ bodyBytesMax, heldBytesMax: LARGE_BODIES_MAX * bodyBytesMax })
  const targets = new WriteTargets(services)
  const writer = new LineWriter(ingest, config.limits)
  const credentials = new InfluxCredentials(authenticator)
  const door = { ...services, clock, bodies, targets, writer }

  // The body is lines, whatever a client says that it is; it is read once the caller is known to be let in.
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('*', (_request, stream, done) => done(null, stream))
  http.addHook('onRequest', async (request, reply) => {
    // Some clients send an empty one, which the framework would refuse.
    delete request.raw.headers['content-type']
    reply.header('x-influxdb-version', INFLUX_VERSION).header('x-influxdb-build', 'OSS')
  })
  http.setErrorHandler(errorHandler(1))
  pingRoutes(http, services)
  await http.register(async (scope) => {
    requireCaller(scope, credentials)
    writeRoutesOfVersion1(scope, door)
    queryRoutesOfVersion1(scope, door)
  })
  await http.register(
    async (scope) => {
      scope.setErrorHandler(errorHandler(2))
      scope.setNotFoundHandler((_request, reply) =>
        reply.code(404).send({ code: 'not found', message: 'path not found' }),
      )
      setupRoute(scope)
      await scope.register(async (guarded) => {
        requireCaller(guarded, credentials)
        writeRoutesOfVersion2(guarded, door)
        queryRoutesOfVersion2(guarded, door)
      })
    },
    { prefix: '/api/v2' },
  )
}
