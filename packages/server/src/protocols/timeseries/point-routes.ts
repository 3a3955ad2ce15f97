/** `/point/new`, `/point/<id>` and `/points/count`. */
import type { FastifyInstance } from 'fastify'
import { NotFoundError } from '../../errors.ts'
import { sendAnswer } from '../../http/answer.ts'
import { callbackOf, HEADERS, sendJson } from './answers.ts'
import { idOf, shownId } from './json-body.ts'
import type { NewPoints } from './new-points.ts'
import type { Timeseries } from './open-timeseries.ts'
import { contentTypeOf, credentialsOf, parametersOf } from './requests.ts'
import { pointJson, tokenOfDelete } from './series-routes.ts'

export function pointRoutes(http: FastifyInstance, timeseries: Timeseries, newPoints: NewPoints): void {
  const { book, index, reader, writers, ownership, removals } = timeseries

  http.get('/:id', async (request, reply) => {
    const callback = callbackOf(request)
    const { id } = parametersOf(request)
    const found = await find(id)
    const point = found && (await reader.one(found.series, { id: found.row.id, timeUs: found.row.time_us }))
    if (point === undefined) throw new NotFoundError(`Point ${shownId(id)} doesn't exist`)
    return sendJson(reply, pointJson(timeseries, point), callback)
  })

  http.put('/:id', async (request, reply) => {
    const head = { ...credentialsOf(request), contentType: contentTypeOf(request) }
    const body = request.body as Buffer | undefined
    return sendAnswer(reply, await newPoints.take(head, body, parametersOf(request).id))
  })

  http.delete('/:id', async (request, reply) => {
    const writer = await writers.find({ token: tokenOfDelete(request), ...credentialsOf(request) })
    const found = await find(parametersOf(request).id)
    if (found !== undefined) {
      await ownership.require(writer, found.series, 'delete_data')
      await removals.removePoint(found.series, found.row, writer.caller?.accountId ?? null)
    }
    return reply.code(204).headers(HEADERS).send()
  })

  async function find(text: string) {
    const id = idOf(text)
    const row = id === undefined ? undefined : await index.find(id)
    const series = row && book.find(row.series_id)
    return series && { row, series }
  }
}

export function countRoute(http: FastifyInstance, { book }: Timeseries): void {
  http.get('/count', async (request, reply) => {
    const callback = callbackOf(request)
    let count = 0
    for (const series of book.all()) count += series.count
    return sendJson(reply, String(count), callback)
  })
}
