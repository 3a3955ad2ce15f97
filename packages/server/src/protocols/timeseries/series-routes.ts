/** `/series`, `/series/new` and `/series/<id>`. */
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { sendAnswer } from '../../http/answer.ts'
import { US_PER_DAY } from '../../model/time.ts'
import { callbackOf, createdAnswer, formatLocal, framing, HEADERS, sendJson } from './answers.ts'
import { idOf, readJsonBody, requiredText, shownId, textMember } from './json-body.ts'
import { parseLenientTime } from './lenient-time.ts'
import { onlyNew } from './new-points.ts'
import type { Timeseries } from './open-timeseries.ts'
import type { StoredPoint, TimeRange } from './point-reader.ts'
import { contentTypeOf, credentialsOf, parametersOf } from './requests.ts'
import type { Series } from './series-book.ts'
import { findHome } from './series-home.ts'

const DEFAULT_WINDOW_US = 2 * US_PER_DAY
const HELP = 'Some kind of device ID'
/** Characters of an answer that are sent at a time. */
const BLOCK_CHARS = 64 * 1_024

export function seriesRoutes(http: FastifyInstance, timeseries: Timeseries): void {
  const { book, writers, ownership, removals } = timeseries

  http.get('', async (request, reply) => {
    const callback = callbackOf(request)
    return sendJson(reply, JSON.stringify(await listAll(timeseries)), callback)
  })

  http.get('/:id', async (request, reply) => {
    const callback = callbackOf(request)
    const { id } = parametersOf(request)
    const series = find(timeseries, id)
    if (series === undefined) throw new NotFoundError(`Series ${shownId(id)} doesn't exist`)
    const limit = limitOf(request)
    return sendPoints(reply, { timeseries, series, range: windowOf(timeseries, request), limit, callback })
  })

  http.put('/:id', async (request, reply) => {
    const body = readJsonBody(request.body as Buffer | undefined, contentTypeOf(request))
    const writer = await writers.find({ token: body.token, ...credentialsOf(request) })
    if (parametersOf(request).id !== 'new') throw onlyNew()
    const texts = {
      device_id: requiredText(body, 'device_id', HELP),
      device_desc: requiredText(body, 'device_desc', HELP),
      description: textMember(body, 'desc') ?? null,
    }
    book.checkRoom()
    const home = await findHome(timeseries.services, writer)
    const created_at_us = timeseries.services.clock.nowUs()
    const { row } = await book.create({ ...texts, ...home, owner: writer.owner, created_at_us })
    return sendAnswer(reply, createdAnswer(row.id))
  })

  http.delete('/:id', async (request, reply) => {
    const writer = await writers.find({ token: tokenOfDelete(request), ...credentialsOf(request) })
    const series = find(timeseries, parametersOf(request).id)
    if (series !== undefined) {
      await ownership.require(writer, series, 'modify_device')
      await removals.removeSeries(series, writer.caller?.accountId ?? null)
    }
    return reply.code(204).headers(HEADERS).send()
  })
}

/** A client that sends its token in a header needs no body. */
export function tokenOfDelete(request: FastifyRequest): unknown {
  const body = request.body as Buffer | undefined
  const isEmpty = body === undefined || body === null || body.length === 0
  if (isEmpty && request.headers.authorization !== undefined) return undefined
  return readJsonBody(body ?? undefined, contentTypeOf(request)).token
}

/** A point as this API shows it. */
export function pointJson({ zone }: Timeseries, { id, seriesId, timeUs, fields }: StoredPoint): string {
  const timestamp = formatLocal(timeUs, zone)
  return `{"id": ${id}, "series_id": ${seriesId}, "timestamp": "${timestamp}", "fields": ${fields}}`
}

function find({ book }: Timeseries, id: string): Series | undefined {
  const number = idOf(id)
  return number === undefined ? undefined : book.find(number)
}

async function listAll({ book, writers, zone }: Timeseries): Promise<object> {
  const names = new Map<string, string | undefined>()
  const list: Record<string, object> = {}
  for (const { row, count } of book.all()) {
    if (!names.has(row.owner)) names.set(row.owner, await writers.nameOf(row.owner))
    const user = names.get(row.owner)
    list[row.id] = {
      id: row.id,
      device_id: row.device_id,
      device_desc: row.device_desc,
      desc: row.description,
      timestamp: formatLocal(row.created_at_us, zone),
      count,
      ...(user === undefined ? {} : { user }),
    }
  }
  return list
}

/** Both ends are included; without them, the two days that end now. */
function windowOf({ zone, stamps }: Timeseries, { query }: FastifyRequest): TimeRange {
  const { from, to } = query as Record<string, string | undefined>
  const nowUs = stamps.nowUs()
  const read = (text: string | undefined, pass: 'first' | 'second') =>
    text === undefined ? undefined : parseLenientTime(text, { zone, nowUs, pass })
  const toUs = read(to, 'second') ?? nowUs
  return { fromUs: read(from, 'first') ?? toUs - DEFAULT_WINDOW_US, toUs: toUs + 1 }
}

function limitOf({ query }: FastifyRequest): number {
  const { limit } = query as Record<string, string | undefined>
  if (limit === undefined) return Number.POSITIVE_INFINITY
  const count = idOf(limit)
  if (count === undefined) throw new InvalidError('limit must be a whole number of points from 1')
  return count
}

function sendPoints(
  reply: FastifyReply,
  {
    timeseries,
    series,
    range,
    limit,
    callback,
  }: {
    timeseries: Timeseries
    series: Series
    range: TimeRange
    limit: number
    callback: string | undefined
  },
): FastifyReply {
  const { before, after, type } = framing(callback)
  async function* blocks() {
    let text = `${before}[`
    let count = 0
    for await (const point of timeseries.reader.all(series, range)) {
      if (count === limit) break
      text += `${count++ === 0 ? '' : ', '}${pointJson(timeseries, point)}`
      if (text.length < BLOCK_CHARS) continue
      yield text
      text = ''
      // Long answers leave others their turn.
      await setImmediate()
    }
    yield `${text}]${after}`
  }
  return reply.headers({ ...HEADERS, 'content-type': type }).send(Readable.from(blocks()))
}
