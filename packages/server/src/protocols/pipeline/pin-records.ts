/**
 * The record of a pipeline: the pins that were written last. Every send has a time of its own, later than
 * everything on its pins, and all its pins have that time. So the record is read off the newest points of the
 * streams, which the store has in memory; what another door or a restart does to them needs no second look.
 */
import { RecentMap } from '../../access/recent-map.ts'
import type { Shadow, Shadows } from '../../control/shadows.ts'
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
  send(known: Pipeline, pins: readonly PinValue[]): Promise<boolean> {
    // Mostly there are streams already, and nothing has to be waited for before the disk.
    const found = this.#services.pipelines.withStreams(known, pins)
    return found instanceof Promise
      ? found.then((pipeline) => this.#sendTo(pipeline, pins))
      : this.#sendTo(found, pins)
  }

  async #sendTo(pipeline: Pipeline, pins: readonly PinValue[]): Promise<boolean> {
    const streamIds: number[] = []
    const values: PinValue['value'][] = []
    for (const { pin, value } of pins) {
      const streamId = pipeline.streamIds[pin]
      if (!takesData(streamId)) continue
      streamIds.push(streamId)
      values.push(value)
    }
    if (values.length === 0) return false
    const newest = this.#newest(pipeline)
    const { timesUs: newestUs } = newest instanceof Promise ? await newest : newest
    const timeUs = this.nextUs(pipeline, latestOf(newestUs))
    await this.#services.ingest.writeMoment({ timeUs, streamIds, values })
    return true
  }

  /** What a board gets; undefined when nothing was ever written. */
  async receive(pipeline: Pipeline): Promise<PinRecord | undefined> {
    const newest = this.#newest(pipeline)
    const { timesUs, values, texts } = newest instanceof Promise ? await newest : newest
    const newestUs = latestOf(timesUs)
    const record: PinRecord = { int_virtual_pin: {}, str_virtual_pin: {} }
    pipeline.usedPins.forEach((pin, i) => {
      if (timesUs[i] === newestUs) addToRecord(record, { pin, value: texts?.get(i) ?? values[i] })
    })
    const { shadows } = this.#services
    const found = shadows.find(pipeline.deviceId)
    const shadow = found instanceof Promise ? await found : found
    const adding = this.#addWishes(record, { pipeline, newestUs, shadow })
    if (adding !== undefined) await adding
    return isEmpty(record) ? undefined : record
  }

  /** Desired values lie over the record until they have been read and a send came after that. */
  #addWishes(
    record: PinRecord,
    { pipeline, newestUs, shadow }: { pipeline: Pipeline; newestUs: number; shadow: Shadow },
  ): Promise<void> | undefined {
    const { desired, deliveredAtUs } = shadow
    if (shadow.desiredAtUs === null || (deliveredAtUs !== null && newestUs >= deliveredAtUs)) return
    PINS.forEach((name, pin) => {
      const value = desired[name]
      if (typeof value === 'number' || typeof value === 'string') addToRecord(record, { pin, value })
    })
    if (deliveredAtUs !== null) return
    return this.#services.shadows.delivered(pipeline.deviceId, shadow, this.nextUs(pipeline, newestUs))
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
  for (const _ in int_virtual_pin) return false
  for (const _ in str_virtual_pin) return false
  return true
}
