/** Pipelines, and what devices are told: desired values and commands. */

export interface PinTables {
  pipelines: PipelineRow
  pipeline_pins: PipelinePinRow
  shadows: ShadowRow
  commands: CommandRow
}

/** A device that is written to with a number and a key. */
export interface PipelineRow {
  /** 0 … 99999999: ids are compared as numbers. */
  number: number
  device_id: number
  /** HMAC-SHA256 of number and key under a secret of this installation, hex. */
  key_hash: string
  created_at_us: number
}

/** Which variable of a project is a pin; it stays that when somebody gives the variable a better name. */
export interface PipelinePinRow {
  project_id: number
  /** `ivp1` … `svp4`. */
  pin: string
  lid: number
}

/** What a device is wished to be like, and what it says that it is like. */
export interface ShadowRow {
  device_id: number
  /** Counts changes, from 1. */
  version: number
  /** JSON object. */
  desired: string
  /** JSON object of `{value, timeUs}`. */
  reported: string
  desired_at_us: number | null
  /** When the device first fetched the desired values of now. */
  delivered_at_us: number | null
}

export interface CommandRow {
  id: number
  device_id: number
  name: string
  /** JSON. */
  payload: string
  /** `queued`, `delivered`, `acknowledged`, `failed`, `expired` or `cancelled`. */
  state: string
  created_at_us: number
  created_by: number
  expires_at_us: number
  delivered_at_us: number | null
  /** How often it was handed out. */
  deliveries: number
  finished_at_us: number | null
  /** JSON. */
  result: string | null
  error: string | null
}
