/**
 * When readings were taken, from what a device knows: seconds since it started. A report is received at a known
 * time and says how long the device had been up by then, so the time of that start, the base, is known as well.
 */
import { US_PER_S } from '../../model/time.ts'
import { REBOOT_LID, type Reported } from './device-report.ts'

/** With this bit a device timestamp counts from 2000, by the device's own clock. */
const CLOCK_BIT = 2 ** 31
const EPOCH_2000_US = Date.UTC(2000, 0, 1) * 1_000

/** Selects readings without restarts, so that nothing can be told from them. */
const SELECTOR_WITHOUT_REBOOTS = 0x57ff
/** The first version of processing that looks for restarts. */
const REBOOTS_ENGINE_VER = 2

export type TimeStatus = 'cln' | 'drt' | 'utc' | 'unk'

export interface PlacedTime {
  /** Null when neither the device nor the report knows. */
  readonly timeUs: number | null
  /** `cln` certain, `drt` assumed, `utc` from a clock, `unk` nobody looked. */
  readonly status: TimeStatus
}

export interface TimesOfReport {
  /** When the device had been up for no time at all. */
  readonly baseUs: number
  /** The same of the report before; null when this is the first. */
  readonly previousBaseUs: number | null
  readonly engineVersion: number
  readonly selector: number
}

/** Readings in the order in which they were taken; answers parallel to them. */
export function placeTimes(readings: readonly Reported[], report: TimesOfReport): PlacedTime[] {
  if (!handlesReboots(report)) {
    return readings.map((reading) => placed(reading, { baseUs: report.baseUs, status: 'unk' }))
  }
  return placeBetweenReboots(readings, report)
}

export function handlesReboots({
  engineVersion,
  selector,
}: Pick<TimesOfReport, 'engineVersion' | 'selector'>): boolean {
  return engineVersion >= REBOOTS_ENGINE_VER && selector !== SELECTOR_WITHOUT_REBOOTS
}

interface Block {
  readonly baseUs: number
  readonly status: TimeStatus
}

/**
 * From the last reading to the first. What follows the last restart has the report's base. Before each restart the
 * device is assumed to have run until a second before it, except that the readings before the first restart go on
 * where the report before ended.
 */
function placeBetweenReboots(
  readings: readonly Reported[],
  { baseUs, previousBaseUs }: TimesOfReport,
): PlacedTime[] {
  const times = new Array<PlacedTime>(readings.length)
  const firstReboot = readings.findIndex(({ lid }) => lid === REBOOT_LID)
  let block: Block = { baseUs, status: 'cln' }
  for (let i = readings.length - 1; i >= 0; i--) {
    times[i] = placed(readings[i], block)
    if (readings[i].lid !== REBOOT_LID) continue
    block =
      i === firstReboot && previousBaseUs !== null
        ? { baseUs: previousBaseUs, status: 'cln' }
        : { baseUs: block.baseUs - US_PER_S - uptimeBefore(readings, i) * US_PER_S, status: 'drt' }
  }
  return times
}

/** The last uptime that was seen before a restart, in seconds; 0 when there is none up to the restart before. */
function uptimeBefore(readings: readonly Reported[], reboot: number): number {
  for (let i = reboot - 1; i >= 0; i--) {
    const { deviceS, timeUs, lid } = readings[i]
    if (deviceS !== null && deviceS < CLOCK_BIT && timeUs === undefined) return deviceS
    if (lid === REBOOT_LID) break
  }
  return 0
}

function placed({ deviceS, timeUs }: Reported, { baseUs, status }: Block): PlacedTime {
  if (timeUs !== undefined) return { timeUs, status: 'unk' }
  if (deviceS === null) return { timeUs: null, status: 'unk' }
  if (deviceS >= CLOCK_BIT) {
    return { timeUs: EPOCH_2000_US + (deviceS - CLOCK_BIT) * US_PER_S, status: 'utc' }
  }
  return { timeUs: baseUs + deviceS * US_PER_S, status }
}
