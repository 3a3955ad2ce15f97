/** Tables of reports that programs make elsewhere and keep here, with their files. */
export interface GeneratedReportTables {
  generated_reports: GeneratedReportRow
  generated_report_files: GeneratedReportFileRow
}

export interface GeneratedReportRow {
  /** UUID. */
  id: string
  org_id: string
  label: string
  /** Slug of what the report is about, as its maker says. */
  source_ref: string
  /** JSON of an object: what the maker wants to find again. */
  user_info: string
  /** Name of what made it, as its maker says. */
  report: string | null
  /** `GS` scheduled, `G0` being made, `G1` done. */
  status: string
  /** Id of the file that a reader begins with. */
  index_file_id: string | null
  created_at_us: number
  created_by: number
}

export interface GeneratedReportFileRow {
  /** UUID. */
  id: string
  report_id: string
  /** Unique within the report; may have folders. */
  name: string
  /** `public-read` or `private`. */
  acl: string
  content_type: string
  /** Blob with the content; null until it was uploaded. */
  sha256: string | null
  size_bytes: number | null
  created_at_us: number
  created_by: number
}
