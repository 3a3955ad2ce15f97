/** Tables of what is kept beside points: events of streams, properties of things, and archives of devices. */

export interface EventTables {
  events: EventRow
  properties: PropertyRow
  datablocks: DataBlockRow
}

export interface EventRow {
  id: number
  /** Number of the stream; an archived stream takes its events along, because it keeps its number. */
  stream_id: number
  time_us: number
  /** Seconds of the device's own clock. */
  device_timestamp: number | null
  /** The device's number of the reading; 0 for none. */
  streamer_local_id: number
  /** 1 while the time is a guess. */
  dirty_ts: number
  /** `unk`, `cln`, `drt` or `utc`: how the time was found. */
  status: string
  /** JSON of an object. */
  extra_data: string
  /** 1 when `extra_data` has a key `error`; such events are hidden. */
  is_error: number
  /** How the document lies in the blob, `json` or `json.gz`; empty without a document. */
  ext: string
  /** The document's blob, and its size there. */
  data_sha256: string | null
  data_bytes: number | null
  created_at_us: number
  created_by: number
}

/** A named value of a project, a device or an archive. */
export interface PropertyRow {
  id: number
  /** Slug in its full, lower-case form. */
  target: string
  /** What the slug says: `project`, `device` or `block`, and the number of the project or device. */
  target_kind: string
  target_id: number
  name: string
  /** `str`, `int` or `bool`. */
  type: string
  /** The value as text: `true` or `false` of a `bool`. */
  value: string
  /** 1 for one that programs keep; it stays with a device that is archived. */
  is_system: number
  created_at_us: number
  created_by: number
}

/** An archive of what a device had measured until then. Its streams have its number as their block. */
export interface DataBlockRow {
  id: number
  device_id: number
  /** 1 … 65535, unique for the device. */
  block: number
  /** Those that the device belonged to. */
  org_id: string
  project_id: number
  title: string
  description: string
  /** The device's, at that time. */
  sg: string | null
  created_at_us: number
  created_by: number
}
