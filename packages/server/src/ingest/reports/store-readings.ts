/**
 * Puts readings into the catalog so that no two points have the same stream and time: a device may take several
 * readings of a variable in one second, and its clock knows no less. Later ones come a microsecond later each.
 */
import { setImmediate } from 'node:timers/promises'
import { takeIds } from '../../catalog/counters.ts'
import { insertReadings, lastReadingTime, markStreamsWithReadings } from '../../catalog/readings.ts'
import type { ReadingRow } from '../../catalog/schema/reports.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { InvalidError } from '../../errors.ts'

export type UnnumberedReading = Omit<ReadingRow, 'id'>

/** Readings of a stream that are moved apart lie within this of their time. */
const APART_US_MAX = 500_000
const STEPS_PER_TURN = 200

/**
 * Part of a caller's transaction.
 * @throws {InvalidError} more readings of one stream in one second than can be told apart.
 */
export async function storeReadings(db: CatalogDb, readings: readonly UnnumberedReading[]): Promise<void> {
  if (readings.length === 0) return
  const firstId = await takeIds(db, 'reading', readings.length)
  const taken = new TakenTimes()
  const rows = readings.map((reading, i): ReadingRow => {
    const { stream_id, time_us } = reading
    return { ...reading, id: firstId + i, time_us: time_us === null ? null : taken.next(stream_id, time_us) }
  })
  const inserted = await insertReadings(db, rows)
  let steps = 0
  for (const [i, row] of rows.entries()) {
    if (inserted.has(row.id)) continue
    const fromUs = readings[i].time_us!
    const lastUs = await lastReadingTime(db, {
      streamId: row.stream_id,
      fromUs,
      toUs: fromUs + APART_US_MAX,
    })
    const apart = { ...row, time_us: (lastUs ?? fromUs) + 1 }
    if (apart.time_us >= fromUs + APART_US_MAX) throw tooMany()
    await insertReadings(db, [apart])
    if (++steps % STEPS_PER_TURN === 0) await setImmediate()
  }
  await markStreamsWithReadings(
    db,
    rows.map((row) => row.stream_id),
  )
}

/** Times that a report has used, by stream; at the next one that is free, another reading goes. */
class TakenTimes {
  readonly #nextFree = new Map<number, Map<number, number>>()

  next(streamId: number, timeUs: number): number {
    const ofStream = this.#nextFree.get(streamId) ?? new Map<number, number>()
    this.#nextFree.set(streamId, ofStream)
    let freeUs = timeUs
    while (ofStream.has(freeUs)) freeUs = ofStream.get(freeUs)!
    if (freeUs >= timeUs + APART_US_MAX) throw tooMany()
    // From the first of a run the way is short, however long the run is.
    ofStream.set(freeUs, freeUs + 1)
    ofStream.set(timeUs, freeUs + 1)
    return freeUs
  }
}

function tooMany(): InvalidError {
  return new InvalidError('The report has more readings of one stream in one second than can be told apart')
}
