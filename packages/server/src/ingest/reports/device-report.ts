/** What a report says, whichever format it came in. Numbers are those of the device, not yet converted. */

/** All ones: the device does not know when it took the reading. */
export const UNKNOWN_DEVICE_TIME = 0xffffffff

/** Variable that counts restarts of a device. */
export const REBOOT_LID = 0x5c00

export interface DeviceReport {
  /** Number of the device. */
  readonly device: number
  readonly streamerIndex: number
  readonly selector: number
  /** Number of the report among those of the device, greater than every reading's before. */
  readonly reportId: number
  /** Uptime of the device when it sent the report, in seconds. */
  readonly sentS: number
  readonly lowestId: number
  readonly highestId: number
  /** The device had more to say than fits into a report. */
  readonly isChopped: boolean
  readonly readings: readonly ReportedReading[]
  readonly events: readonly ReportedEvent[]
}

/** What readings and events have in common. */
export interface Reported {
  /** Number of the variable. */
  readonly lid: number
  /** The device's number of it; 0 means none. */
  readonly id: number
  /** Seconds of uptime; with bit 31 set, seconds since 2000; null when unknown. */
  readonly deviceS: number | null
  /** When it was, if the report says so itself. */
  readonly timeUs: number | undefined
}

export interface ReportedReading extends Reported {
  readonly raw: number
}

export interface ReportedEvent extends Reported {
  readonly extraData: Readonly<Record<string, unknown>>
  /** The document that belongs to the event; null for none. */
  readonly data: unknown
}

/** Null for the mark of an unknown time. */
export function knownDeviceTime(deviceS: number): number | null {
  return deviceS === UNKNOWN_DEVICE_TIME ? null : deviceS
}
