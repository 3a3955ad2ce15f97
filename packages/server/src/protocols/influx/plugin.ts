/**
 * The door for InfluxDB's clients: `/write`, `/query`, `/ping`, `/health` and `/api/v2/…`. They write here as
 * to a server of version 1 or 2; points are read elsewhere. Register it without a prefix.
 */
import type { FastifyInstance } from 'fastify'
import { HeldBytes } from '../../http/held-bytes.ts'
import { InfluxCredentials, requireCaller } from './credentials.ts'
import { errorHandler } from './errors.ts'
import { INFLUX_HEADERS } from './headers.ts'
import { LineWriter } from './line-writer.ts'
import { pingRoutes, queryRoutesOfVersion1, queryRoutesOfVersion2, setupRoute } from './probe-routes.ts'
import { RequestBodies } from './request-body.ts'
import type { InfluxServices } from './services.ts'
import { WriteRequests } from './write-requests.ts'
import { hotWriteRoute, writeRoute } from './write-routes.ts'
import { WriteTargets } from './write-target.ts'

/** Largest bodies that may be held at a time; small ones hardly count. */
const LARGE_BODIES_MAX = 4

export async function influxPlugin(http: FastifyInstance, services: InfluxServices): Promise<void> {
  const { config, ingest, authenticator, door } = services
  const { bodyBytesMax } = config.limits
  const held = new HeldBytes(LARGE_BODIES_MAX * bodyBytesMax)
  const bodies = new RequestBodies({ bodyBytesMax, held })
  const targets = new WriteTargets(services)
  const credentials = new InfluxCredentials(authenticator)
  const writing = {
    ...services,
    targets,
    credentials,
    writer: new LineWriter(ingest, config.limits),
    log: http.log,
  }
  const writesOfVersion1 = new WriteRequests(writing, 1)
  const writesOfVersion2 = new WriteRequests(writing, 2)
  hotWriteRoute(door, { path: '/write', writes: writesOfVersion1, bodyBytesMax, held })
  hotWriteRoute(door, { path: '/api/v2/write', writes: writesOfVersion2, bodyBytesMax, held })
  const probing = { ...services, bodies, targets }

  // The body is lines, whatever a client says that it is; it is read once the caller is known to be let in.
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('*', (_request, stream, done) => done(null, stream))
  http.addHook('onRequest', async (request, reply) => {
    // Some clients send an empty one, which the framework would refuse.
    delete request.raw.headers['content-type']
    reply.headers(INFLUX_HEADERS)
  })
  http.setErrorHandler(errorHandler(1))
  pingRoutes(http, services)
  writeRoute(http, { url: '/write', writes: writesOfVersion1, bodies })
  await http.register(async (scope) => {
    requireCaller(scope, credentials)
    queryRoutesOfVersion1(scope, probing)
  })
  await http.register(
    async (scope) => {
      scope.setErrorHandler(errorHandler(2))
      scope.setNotFoundHandler((_request, reply) =>
        reply.code(404).send({ code: 'not found', message: 'path not found' }),
      )
      setupRoute(scope)
      writeRoute(scope, { url: '/write', writes: writesOfVersion2, bodies })
      await scope.register(async (guarded) => {
        requireCaller(guarded, credentials)
        queryRoutesOfVersion2(guarded, probing)
      })
    },
    { prefix: '/api/v2' },
  )
}
