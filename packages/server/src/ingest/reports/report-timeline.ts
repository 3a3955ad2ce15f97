/** What is new in a report, and when it was: readings and events are numbered and timed together. */
import type { StreamerRow } from '../../catalog/schema/reports.ts'
import { InvalidError } from '../../errors.ts'
import { TIME_US_MIN } from '../../model/time.ts'
import { type DeviceReport, REBOOT_LID, type Reported } from './device-report.ts'
import { handlesReboots, type PlacedTime, placeTimes } from './reading-times.ts'

/** What the streamer has not sent before, each number once, in the device's order. */
export function newItems<Item extends Reported>(
  items: readonly Item[],
  { last_id }: Pick<StreamerRow, 'last_id'>,
): Item[] {
  const byId = new Map<number, Item>()
  for (const item of items) if (item.id > last_id && !byId.has(item.id)) byId.set(item.id, item)
  return [...byId.values()].sort((a, b) => a.id - b.id)
}

/**
 * Times of all these items, in whatever order they are given.
 * @throws {InvalidError} a time lies outside of what can be stored.
 */
export function timesOf(
  items: readonly Reported[],
  {
    report,
    streamer,
    baseUs,
  }: { report: Pick<DeviceReport, 'selector'>; streamer: StreamerRow; baseUs: number },
): ReadonlyMap<Reported, PlacedTime> {
  const ordered = [...items].sort((a, b) => a.id - b.id)
  const times = placeTimes(ordered, {
    engineVersion: streamer.process_engine_ver,
    selector: report.selector,
    baseUs,
    previousBaseUs: streamer.last_reboot_at_us,
  })
  return new Map(
    ordered.map((item, i) => {
      checkTime(item, times[i])
      return [item, times[i]]
    }),
  )
}

/** Restarts come with the readings of the system, which are a streamer of their own, where anybody looks for them. */
export function comesElsewhere(
  { lid }: Reported,
  { report, streamer }: { report: Pick<DeviceReport, 'selector'>; streamer: StreamerRow },
): boolean {
  const engine = { engineVersion: streamer.process_engine_ver, selector: report.selector }
  return lid === REBOOT_LID && streamer.is_system === 0 && handlesReboots(engine)
}

function checkTime({ id }: Reported, { timeUs }: PlacedTime): void {
  if (timeUs === null || (Number.isSafeInteger(timeUs) && timeUs >= TIME_US_MIN)) return
  throw new InvalidError(`The time of reading ${id} lies outside of what can be stored; check ?timestamp=`)
}
