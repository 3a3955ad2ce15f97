/** Streamers, which send what devices have gathered, and their reports. */
import type { Timestamp } from './scalars.ts'

export interface Streamer {
  readonly id: number
  readonly slug: string
  readonly device: string
  readonly process_engine_ver: number
  readonly index: number
  readonly last_id: number
  readonly last_reboot_ts: Timestamp | null
  readonly is_system: boolean
  readonly selector: number
}

export interface StreamerReport {
  /** UUID. */
  readonly id: string
  readonly original_first_id: number
  readonly original_last_id: number
  readonly actual_first_id: number | null
  readonly actual_last_id: number | null
  readonly streamer: string
  readonly sent_timestamp: Timestamp
  readonly device_sent_timestamp: number
  readonly incremental_id: number
  readonly time_epsilon: number
  readonly created_on: Timestamp
  readonly created_by: string
}

/** A report about data, made by a program, with files. */
export interface GeneratedReport {
  /** UUID. */
  readonly id: string
  readonly label: string
  readonly source_ref: string
  readonly user_info: unknown
  readonly url: string
  readonly report: string | null
  readonly created_on: Timestamp
  readonly created_by: string
  readonly org: string
  readonly index_file: unknown
  /** Scheduled, being made, done; or gone wrong. */
  readonly status: 'GS' | 'G0' | 'G1' | (string & {})
}

export interface UploadUrl {
  readonly url: string
  /** Go with the file, in a form that is posted to `url`. */
  readonly fields: Readonly<Record<string, string>>
  readonly uuid: string
}

export interface UploadedFile {
  readonly id: string
  readonly title: string
  readonly url: string
  readonly file_type: string
  readonly created_on: Timestamp
  readonly created_by: string
}
