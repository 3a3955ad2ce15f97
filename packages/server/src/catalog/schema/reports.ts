/** Tables of what devices upload in reports: streamers, their reports, the readings in them, and data masks. */
export interface ReportTables {
  streamers: StreamerRow
  streamer_reports: StreamerReportRow
  readings: ReadingRow
  device_masks: DeviceMaskRow
}

/** One of the queues in which a device keeps readings until it can send them. */
export interface StreamerRow {
  id: number
  device_id: number
  /** 0 … 65535; with the device it makes the slug. */
  streamer_index: number
  selector: number
  /** How reports are processed: from 2 on restarts of the device are taken into account. */
  process_engine_ver: number
  /** Readings with this number and lower ones have been taken. */
  last_id: number
  /** When the uptime counter of the device stood at zero, by the last report that brought something. */
  last_reboot_at_us: number | null
  is_system: number
  created_at_us: number
  created_by: number
}

export interface StreamerReportRow {
  id: string
  streamer_id: number
  original_first_id: number
  original_last_id: number
  /** First and last reading that this report brought; both 0 when all had been taken before. */
  actual_first_id: number
  actual_last_id: number
  /** When the report was received, as its uploader says. */
  sent_at_us: number
  /** Uptime of the device, in seconds, when it sent the report. */
  device_sent_s: number
  incremental_id: number
  /** 1 until the points of its readings are in the points store. */
  is_pending: number
  file_sha256: string
  file_bytes: number
  file_name: string
  media_type: string
  created_at_us: number
  created_by: number
}

/** What is known of a point that came in a report, beside its value. */
export interface ReadingRow {
  id: number
  stream_id: number
  /** Null for a reading of which neither device nor report says when it was taken; it is no point. */
  time_us: number | null
  /** The device's number of the reading. */
  reading_id: number
  /** Seconds of uptime, or since 2000 with bit 31 set; null when the device did not know. */
  device_s: number | null
  int_value: number
  /** In the internal unit, as it was stored as a point. */
  value: number
  /** `cln`, `drt`, `utc` or `unk`. */
  status: string
  report_id: string
}

/** The window of time in which the data of a device are good; an open end is null. */
export interface DeviceMaskRow {
  device_id: number
  start_us: number | null
  end_us: number | null
  created_at_us: number
  created_by: number
}
