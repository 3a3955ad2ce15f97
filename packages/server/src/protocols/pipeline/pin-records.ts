/**
 * The record of a pipeline: the pins that were written last. Every send has a time of its own, later than
 * everything on its pins, and all its pins have that time. So the record is read off the newest points of the
 * streams, which the store has in memory; what another door or a restart does to them needs no second look.
 */
import { RecentMap } from '../../access/recent-map.ts'
import type { Shadows } from '../../control/shadows.ts'
import type { IngestService } from '../../ingest/ingest-service.ts'
import { DISABLED_STREAM, NO_STREAM } from '../../ingest/name-resolver.ts'
import type { Clock } from '../../model/clock.ts'
import { PINS } from '../../model/pins.ts'
import { TIME_US_MAX } from '../../model/time.ts'
import type { QueryService } from '../../query/query-service.ts'
import { addToRecord, type PinRecord, type PinValue } from './pins.ts'
import type { Pipeline, Pipelines } from './pipelines.ts'

export interface PinRecordServices {
  readonly pipelines: Pipelines
  readonly ingest: IngestService
  readonly query: QueryService
  readonly shadows: Shadows
  readonly clock: Clock
}

const REMEMBERED_MAX = 50_000

export class PinRecords {
  readonly #services: PinRecordServices
  /** Times given out that may not be in the store yet, by the numbers of pipelines. */
  readonly #lastUs: RecentMap<number, number>

  constructor(services: PinRecordServices) {
    this.#services = services
    const ageUsMax = Number.POSITIVE_INFINITY
    this.#lastUs = new RecentMap({ entriesMax: REMEMBERED_MAX, ageUsMax, clock: services.clock })
  }

  /** Durable when it resolves. False when no pin takes data. */
  async send(known: Pipeline, values: readonly PinValue[]): Promise<boolean> {
    const { pipelines, ingest } = this.#services
    const pins = values.map(({ pin }) => pin)
    const pipeline = await pipelines.withStreams(known, pins)
    const taken = values.filter(({ pin }) => takesData(pipeline.streamIds[pin]))
    if (taken.length === 0) return false
    const { timesUs: newestUs } = await this.#newest(pipeline)
    const timeUs = this.nextUs(pipeline, latestOf(newestUs))
    const texts = new Map<number, string>()
    taken.forEach(({ value }, row) => {
      if (typeof value === 'string') texts.set(row, value)
    })
    await ingest.writeFew({
      streamIds: Uint32Array.from(taken, ({ pin }) => pipeline.streamIds[pin]),
      timesUs: new Float64Array(taken.length).fill(timeUs),
      values: Float64Array.from(taken, ({ value }) => (typeof value === 'number' ? value : Number.NaN)),
      ...(texts.size === 0 ? {} : { texts }),
    })
    return true
  }

  /** What a board gets; undefined when nothing was ever written. */
  async receive(pipeline: Pipeline): Promise<PinRecord | undefined> {
    const { timesUs, values, texts } = await this.#newest(pipeline)
    const newestUs = latestOf(timesUs)
    const record: PinRecord = { int_virtual_pin: {}, str_virtual_pin: {} }
    pipeline.usedPins.forEach((pin, i) => {
      if (timesUs[i] === newestUs) addToRecord(record, { pin, value: texts?.get(i) ?? values[i] })
    })
    await this.#addWishes(record, { pipeline, newestUs })
    return isEmpty(record) ? undefined : record
  }

  /** Desired values lie over the record until they have been read and a send came after that. */
  async #addWishes(
    record: PinRecord,
    { pipeline, newestUs }: { pipeline: Pipeline; newestUs: number },
  ): Promise<void> {
    const { shadows } = this.#services
    const found = shadows.find(pipeline.deviceId)
    const shadow = found instanceof Promise ? await found : found
    const { desired, deliveredAtUs } = shadow
    if (shadow.desiredAtUs === null || (deliveredAtUs !== null && newestUs >= deliveredAtUs)) return
    PINS.forEach((name, pin) => {
      const value = desired[name]
      if (typeof value === 'number' || typeof value === 'string') addToRecord(record, { pin, value })
    })
    if (deliveredAtUs !== null) return
    await shadows.delivered(pipeline.deviceId, shadow, this.nextUs(pipeline, newestUs))
  }

  /** Now, or just after what came before: a time that the pipeline has not had. */
  nextUs({ number }: Pipeline, newestUs: number): number {
    const lastUs = this.#lastUs.get(number) ?? Number.NEGATIVE_INFINITY
    const timeUs = Math.min(Math.max(this.#services.clock.nowUs(), lastUs + 1, newestUs + 1), TIME_US_MAX)
    this.#lastUs.set(number, timeUs)
    return timeUs
  }

  #newest({ usedStreamIds }: Pipeline) {
    return this.#services.query.latestColumns(usedStreamIds)
  }
}

function takesData(streamId: number): boolean {
  return streamId !== DISABLED_STREAM && streamId !== NO_STREAM
}

function latestOf(timesUs: Float64Array): number {
  let latestUs = Number.NEGATIVE_INFINITY
  // Those of streams without points are NaN, and greater than nothing.
  for (const timeUs of timesUs) if (timeUs > latestUs) latestUs = timeUs
  return latestUs
}

function isEmpty({ int_virtual_pin, str_virtual_pin }: PinRecord): boolean {
  return Object.keys(int_virtual_pin).length + Object.keys(str_virtual_pin).length === 0
}
