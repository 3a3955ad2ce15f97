/** Tables of the timeseries API: what its series are beside devices of the model, and where its points are. */

export interface SeriesTables {
  series: SeriesRow
  series_points: SeriesPointRow
}

export interface SeriesRow {
  id: number
  /** The device of the model that this series is, and the project that its streams are in. */
  project_id: number
  device_number: number
  /** The stream that says at which times there are points, and their ids. */
  point_stream_id: number
  /** `user 7` for one of the operator's file, `account 3` for an account. */
  owner: string
  /** In whose name its streams are made. */
  account_id: number
  /** As its creator gave them. */
  device_id: string
  device_desc: string
  description: string | null
  created_at_us: number
  /** Points in `series_points`, and the latest time among them; the points store may be ahead of both. */
  point_count: number
  indexed_to_us: number | null
  /** 1 from the moment it is deleted, until everything of it is gone. */
  is_removed: number
}

/** In which series, and at what time, the point of an id is. */
export interface SeriesPointRow {
  id: number
  series_id: number
  time_us: number
}
