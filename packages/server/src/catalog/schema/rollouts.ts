/** Rows about firmware on its way to devices: rollouts, their stages and devices, and what each device is to run. */

export interface RolloutTables {
  rollouts: RolloutRow
  rollout_stages: RolloutStageRow
  rollout_devices: RolloutDeviceRow
  device_firmware: DeviceFirmwareRow
}

/** A tag of a package on its way to the devices of a fleet or an organisation, stage by stage. */
export interface RolloutRow {
  id: number
  org_id: string
  name: string
  package_id: number
  tag_id: number
  /** What devices go back to that did not say what they ran before. */
  rollback_tag_id: number | null
  /** Null for all active devices of the organisation. */
  fleet_id: number | null
  /** `draft`, `running`, `paused`, `rolling_back`, `completed`, `aborted`, `rolled_back`. */
  state: string
  /** Why it is in its state, where nobody asked for it. */
  reason: string
  /** The last stage that is open, from 0. */
  stage: number
  stage_opened_at_us: number | null
  /** 0 … 100: more failed attempts than this share of those that ended stop the rollout. */
  failure_percent_max: number
  /** Attempts of a stage that must have ended before the share is looked at. */
  attempts_min: number
  /** Of each device, until it counts as failed. */
  attempts_max: number
  /** From the offer or the last byte to the new version. */
  timeout_s: number
  /** 1 … 100: when so many devices of a stage have ended, the next one opens. */
  advance_percent: number
  /** The least time between two stages. */
  soak_s: number
  /** `pause` or `rollback`. */
  on_failure: string
  /** Variable whose newest text is the version that a device runs. */
  version_variable: string
  created_at_us: number
  created_by: number
  started_at_us: number | null
  ended_at_us: number | null
}

/** A stage, and how its devices are doing. */
export interface RolloutStageRow {
  rollout_id: number
  /** From 0. */
  stage: number
  /** 1 … 100 for a share of all devices, counted from the first stage on; null for a ring. */
  percent: number | null
  /** The fleet that is the ring. */
  fleet_id: number | null
  pending: number
  offered: number
  downloading: number
  verifying: number
  succeeded: number
  failed: number
  rolling_back: number
  rolled_back: number
  /** Since the rollout was started or resumed. */
  attempts_succeeded: number
  attempts_failed: number
}

export interface RolloutDeviceRow {
  rollout_id: number
  device_id: number
  stage: number
  state: string
  /** Downloads of the new tag that were begun. */
  attempts: number
  failures: number
  /** What it goes back to, once it is known. */
  previous_tag_id: number | null
  reason: string
  /** When it came into its state. */
  since_us: number
}

/** What a device is to run, and what it says that it runs. */
export interface DeviceFirmwareRow {
  device_id: number
  /** Null while nobody has decided that. */
  tag_id: number | null
  /** Downloads of the tag without a rollout, since it was assigned. */
  attempts: number
  version: string | null
  sketch_md5: string | null
  reported_at_us: number | null
}
