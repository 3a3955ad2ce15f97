/**
 * What `/pipeline/stream` does, whichever way a request comes in: through Fastify or through the front door.
 * @see docs/reference/pipeline.md
 */
import type { RateBudget } from '../../access/rate-budget.ts'
import type { RateLimiter } from '../../access/rate-limit.ts'
import { ConflictError } from '../../errors.ts'
import type { Answer } from '../../http/answer.ts'
import type { Envelopes, IdAsSent } from './envelopes.ts'
import { RefusedRequest } from './errors.ts'
import type { PinRecords } from './pin-records.ts'
import { type PinRecord, readPins } from './pins.ts'
import type { PipelineKeys } from './pipeline-keys.ts'
import type { Pipeline, Pipelines } from './pipelines.ts'
import { checkKey, type Parameters, readOperation, type WantedOperation } from './stream-parameters.ts'

export interface StreamServices {
  readonly pipelines: Pipelines
  readonly keys: PipelineKeys
  readonly records: PinRecords
  readonly envelopes: Envelopes
  readonly limiter: RateLimiter
  readonly creations: RateBudget
}

interface Outcome {
  readonly message: string
  readonly stream?: PinRecord
}

const SENT: Outcome = { message: 'Data sent successfully' }

/** A request that has passed the checks that need nothing else. */
interface Checked extends WantedOperation {
  readonly parameters: Parameters
  readonly address: string
}

export class StreamRequests {
  readonly #services: StreamServices

  constructor(services: StreamServices) {
    this.#services = services
  }

  /** Never fails: what goes wrong is an answer too. */
  async answer(parameters: Parameters, address: string): Promise<Answer> {
    const { envelopes } = this.#services
    const id: IdAsSent = parameters.id ?? null
    try {
      const { operation, number, key } = readOperation(parameters)
      const outcome = this.#perform({ operation, number, key, parameters, address })
      return envelopes.success(id, await outcome)
    } catch (error) {
      return envelopes.failure(id, error)
    }
  }

  #perform(request: Checked): Promise<Outcome> {
    this.#services.limiter.check(attemptOf(request))
    const found = this.#services.pipelines.find(request.number)
    // Mostly it is known, and nothing has to be waited for.
    return found instanceof Promise
      ? found.then((pipeline) => this.#performOn(request, pipeline))
      : this.#performOn(request, found)
  }

  /** What it refuses it throws, or the promise fails. */
  #performOn(request: Checked, pipeline: Pipeline | undefined): Promise<Outcome> {
    switch (request.operation) {
      case 'cre':
        return this.#create(request, pipeline)
      case 'upk':
        return this.#changeKey(this.#unlock(request, pipeline), request.parameters.nkey)
      case 'snd':
        return this.#send(this.#unlock(request, pipeline), request.parameters)
      case 'rcv':
        return this.#receive(this.#unlock(request, pipeline))
    }
  }

  /** The pipeline, for those who have its key. */
  #unlock(request: Checked, pipeline: Pipeline | undefined): Pipeline {
    const { keys, limiter } = this.#services
    const attempt = attemptOf(request)
    if (pipeline !== undefined && keys.isKeyOf(pipeline, request.key)) {
      limiter.succeeded(attempt)
      return pipeline
    }
    limiter.failed(attempt)
    throw RefusedRequest.of(pipeline === undefined ? 'id_unknown' : 'wrong_key')
  }

  /** Who does not have the key of a pipeline that is there already is guessing numbers. */
  async #create(request: Checked, existing: Pipeline | undefined): Promise<Outcome> {
    const { number, key, address } = request
    const { pipelines, keys, limiter, creations } = this.#services
    if (existing !== undefined) {
      if (!keys.isKeyOf(existing, key)) limiter.failed(attemptOf(request))
      throw RefusedRequest.of('id_taken')
    }
    creations.take(address)
    try {
      await pipelines.create(number, keys.hash(number, key))
    } catch (error) {
      throw error instanceof ConflictError ? RefusedRequest.of('id_taken') : error
    }
    return { message: 'Pipeline created successfully' }
  }

  async #changeKey(pipeline: Pipeline, newKey: string | undefined): Promise<Outcome> {
    const { pipelines, keys } = this.#services
    checkKey(newKey)
    // Another change of the key may have come first.
    const isChanged = await pipelines.changeKey(pipeline, keys.hash(pipeline.number, newKey))
    if (!isChanged) throw RefusedRequest.of('wrong_key')
    return { message: 'Key updated successfully' }
  }

  #send(pipeline: Pipeline, parameters: Parameters): Promise<Outcome> {
    const values = readPins(parameters)
    if (values.length === 0) throw RefusedRequest.of('not_sent')
    return this.#services.records.send(pipeline, values).then(outcomeOfSend)
  }

  async #receive(pipeline: Pipeline): Promise<Outcome> {
    const record = await this.#services.records.receive(pipeline)
    if (record === undefined) throw RefusedRequest.of('not_received')
    return { message: 'Data retrieved successfully', stream: record }
  }
}

function outcomeOfSend(isSent: boolean): Outcome {
  if (!isSent) throw RefusedRequest.of('not_sent')
  return SENT
}

function attemptOf({ number, address }: Checked): { address: string; account: string } {
  return { address, account: `pipeline ${number}` }
}
