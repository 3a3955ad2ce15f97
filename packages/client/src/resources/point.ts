/** Points and events as the lists of the API have them. For many points, `query` is made. */
import type { PointValue, Timestamp } from './scalars.ts'

/** A point of `stream/<slug>/data/`: with what a person reads. */
export interface StreamPoint {
  /** `ITR` when the stream has an input unit, else `Num`. */
  readonly type: string
  readonly timestamp: Timestamp
  /** What the device counted; null for a text. */
  readonly int_value: number | null
  readonly value: PointValue
  readonly display_value: string
  /** In the output unit; null for a text. */
  readonly output_value: number | null
  readonly streamer_local_id: number | null
}

/** A point of `data/`. */
export interface Point {
  readonly id: number | null
  readonly stream: string
  readonly project: string
  readonly device: string | null
  readonly variable: string
  readonly type: string
  readonly device_timestamp: number | null
  readonly timestamp: Timestamp
  readonly int_value: number | null
  readonly value: PointValue
  readonly streamer_local_id: number | null
  readonly dirty_ts: boolean
  /** `unk`, `cln`, `drt` or `utc`: how sure the time is. */
  readonly status: string
}

/** Either what the device counted, or a value in the internal unit. */
export type NewPoint = { readonly stream: string; readonly timestamp: Timestamp } & (
  | { readonly int_value: number; readonly value?: never; readonly type?: 'Num' }
  | { readonly value: PointValue; readonly int_value?: never; readonly type?: 'ITR' }
)

export interface Event {
  readonly id: number
  readonly stream: string
  readonly project: string
  readonly device: string | null
  readonly variable: string
  readonly s3bucket?: string | null
  readonly s3key?: string | null
  readonly ext: string
  readonly has_raw_data: boolean
  readonly device_timestamp: number | null
  readonly timestamp: Timestamp
  readonly streamer_local_id: number | null
  readonly dirty_ts: boolean
  readonly status: string
  readonly extra_data: Readonly<Record<string, unknown>>
}

export interface NewEvent {
  readonly stream: string
  readonly timestamp: Timestamp
  readonly extra_data?: Readonly<Record<string, unknown>>
  /** Kept as raw data. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** How many points or events a list of them had. */
export interface Counted {
  readonly count: number
}
