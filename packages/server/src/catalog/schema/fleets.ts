/** Rows about kinds of measurements and devices, fleets, and the firmware that goes out to them. */

export interface FleetTables {
  vartypes: VartypeRow
  sensor_graphs: SensorGraphRow
  device_templates: DeviceTemplateRow
  fleets: FleetRow
  fleet_devices: FleetDeviceRow
  ota_scripts: OtaScriptRow
  ota_requests: OtaRequestRow
  ota_actions: OtaActionRow
  ota_versions: OtaVersionRow
}

/** What can be measured, and the units to choose from. */
export interface VartypeRow {
  slug: string
  name: string
  /** JSON lists of unit objects, in the order in which they are offered. */
  input_units: string
  output_units: string
  stream_data_type: string
  /** JSON, or null. */
  decoder: string | null
  schema: string | null
  storage_units_full: string
  storage_units_short: string
}

/** What runs on a device: its application. */
export interface SensorGraphRow {
  id: number
  slug: string
  name: string
  org_id: string | null
  project_template: string | null
  /** JSON lists. */
  variable_templates: string
  display_widget_templates: string
  /** JSON, or null. */
  ui_extra: string | null
  report_processing_engine_ver: number
  major_version: number
  minor_version: number
  patch_version: number
  app_tag: number | null
  app_version: string | null
  created_at_us: number
  created_by: number
}

/** What a device is made of. */
export interface DeviceTemplateRow {
  id: number
  slug: string
  external_sku: string
  internal_sku: string
  family: string
  org_id: string | null
  version: string
  os_tag: number | null
  os_version: string | null
  hw_tag: string | null
  hw_version: string | null
  /** A JSON list. */
  slots: string
  created_at_us: number
  created_by: number
  released_at_us: number | null
}

export interface FleetRow {
  /** 1 … 2^48 - 1; the number in the slug. */
  id: number
  org_id: string
  name: string
  description: string
  is_network: number
  created_at_us: number
  created_by: number
}

export interface FleetDeviceRow {
  fleet_id: number
  device_id: number
  always_on: number
  is_access_point: number
}

/** A script that updates devices, and the file that it is in once somebody has uploaded it. */
export interface OtaScriptRow {
  /** 1 … 2^32 - 1; the number in the slug. */
  id: number
  org_id: string
  name: string
  major_version: number
  minor_version: number
  patch_version: number
  released: number
  released_at_us: number | null
  file_name: string | null
  file_sha256: string | null
  file_size_bytes: number | null
  created_at_us: number
  created_by: number
}

/** The wish that devices run a script; without a fleet it is meant for the whole organisation. */
export interface OtaRequestRow {
  id: number
  script_id: number
  org_id: string
  fleet_id: number | null
  /** A JSON list of texts, for whoever carries out the request. */
  selection_criteria: string
  released_at_us: number | null
  completed_at_us: number | null
  created_at_us: number
  created_by: number
}

/** An attempt to carry out a request on a device. */
export interface OtaActionRow {
  id: number
  request_id: number
  device_id: number
  created_at_us: number
  created_by: number
  last_attempt_at_us: number | null
  attempt_successful: number
  device_confirmation: number
  log: string | null
}

/** What a device said that it runs. */
export interface OtaVersionRow {
  id: number
  device_id: number
  /** `os` or `app`. */
  type: string
  tag: number
  version: string
  streamer_local_id: number
  updated_at_us: number
  created_at_us: number
}
