/**
 * The timeseries API: `/series…`, `/point…`, `/points/count` and the page `/plot…`, and the same under `/api`.
 * Register it without a prefix. Reading is open to everybody; writing takes a token.
 */
import type { FastifyInstance } from 'fastify'
import { sendAnswer } from '../../http/answer.ts'
import { HeldBytes } from '../../http/held-bytes.ts'
import { errorHandler, messageAnswer } from './answers.ts'
import { BODY_BYTES_MAX } from './json-body.ts'
import { NewPoints } from './new-points.ts'
import { openTimeseries } from './open-timeseries.ts'
import { plotRoutes } from './plot-routes.ts'
import { countRoute, pointRoutes } from './point-routes.ts'
import { keepBodies } from './requests.ts'
import { seriesRoutes } from './series-routes.ts'
import type { TimeseriesServices } from './services.ts'

const MOUNTS = ['', '/api']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const HELD_BODIES_MAX = 512
const NOT_FOUND = messageAnswer(404, 'There is nothing at this address')

export async function timeseriesPlugin(http: FastifyInstance, services: TimeseriesServices): Promise<void> {
  const timeseries = await openTimeseries(services, http.log)
  http.addHook('onClose', () => timeseries.close())
  const newPoints = new NewPoints(timeseries)
  const held = new HeldBytes(HELD_BODIES_MAX * BODY_BYTES_MAX)
  keepBodies(http)
  http.setErrorHandler(errorHandler)
  http.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD')
      reply.header('access-control-allow-origin', '*')
    // The framework takes an address with a slash at the end for the one without.
    if (request.raw.url?.split('?', 1)[0].endsWith('/')) return sendAnswer(reply, NOT_FOUND)
  })
  for (const mount of MOUNTS) {
    await http.register(plotRoutes, { prefix: `${mount}/plot` })
    services.door.register({
      methods: ['PUT'],
      path: `${mount}/point/new`,
      bodyBytesMax: BODY_BYTES_MAX,
      held,
      open: (head) => newPoints.open(head),
      failed: (error) => newPoints.failed(error),
    })
    await http.register(
      scope((http) => seriesRoutes(http, timeseries)),
      { prefix: `${mount}/series` },
    )
    await http.register(
      scope((http) => pointRoutes(http, timeseries, newPoints)),
      { prefix: `${mount}/point` },
    )
    await http.register(
      scope((http) => countRoute(http, timeseries)),
      { prefix: `${mount}/points` },
    )
  }
}

/** Routes with what is answered below their prefix otherwise: 405 to other methods, 404 to other addresses. */
function scope(routes: (http: FastifyInstance) => void) {
  return async (http: FastifyInstance): Promise<void> => {
    const known = new Map<string, Set<string>>()
    http.addHook('onRoute', ({ url, method }) => {
      const methods = known.get(url) ?? new Set()
      for (const name of [method].flat()) methods.add(name)
      known.set(url, methods)
    })
    http.setNotFoundHandler((_request, reply) => sendAnswer(reply, NOT_FOUND))
    routes(http)
    for (const [url, methods] of [...known]) {
      const allow = [...methods].join(', ')
      http.route({
        method: METHODS.filter((method) => !methods.has(method)),
        url: url.slice(http.prefix.length),
        handler: (_request, reply) =>
          sendAnswer(
            reply.header('allow', allow),
            messageAnswer(405, 'The method is not allowed for the requested URL.'),
          ),
      })
    }
  }
}
