/** `PUT /point/new`, whichever way it comes in: through Fastify or through the front door. */
import { InvalidError, NotFoundError } from '../../errors.ts'
import type { Answer } from '../../http/answer.ts'
import type { HotHead, OpenRequest } from '../../http/hot-route.ts'
import { createdAnswer, failureAnswer } from './answers.ts'
import { idOf, readJsonBody, shownId } from './json-body.ts'
import type { Timeseries } from './open-timeseries.ts'

export type PointHead = Pick<HotHead, 'authorization' | 'address'> & {
  readonly contentType: string | undefined
}

export class NewPoints {
  readonly #timeseries: Timeseries

  constructor(timeseries: Timeseries) {
    this.#timeseries = timeseries
  }

  /** Nothing about the head can become outdated: the token is looked at with every point. */
  open({ headers, authorization, address }: HotHead): OpenRequest {
    const pointHead = { authorization, address, contentType: headers.get('content-type') }
    return { isCurrent: () => true, take: (body) => this.take(pointHead, body) }
  }

  failed(error: unknown): Answer {
    return failureAnswer(error, this.#timeseries.log)
  }

  /** @throws what `failed` makes an answer of. */
  async take(
    { authorization, address, contentType }: PointHead,
    bytes: Buffer | undefined,
    segment = 'new',
  ): Promise<Answer> {
    const { book, writers, ownership, writer: points } = this.#timeseries
    const body = readJsonBody(bytes, contentType)
    const writer = await writers.find({ token: body.token, authorization, address })
    if (segment !== 'new') throw onlyNew()
    const { series_id: given, fields } = body
    if (given === undefined || given === null) throw new InvalidError('Some fields are missing')
    const id = idOf(given)
    const series = id === undefined ? undefined : book.find(id)
    if (series === undefined) throw new NotFoundError(`Series ${shownId(given)} not found`)
    await ownership.require(writer, series, 'write_data')
    if (fields === undefined || fields === null) throw new InvalidError('Some fields are missing')
    return createdAnswer(await points.write(series, fields))
  }
}

export function onlyNew(): NotFoundError {
  return new NotFoundError("For now only 'new' resource is available for PUT request")
}
