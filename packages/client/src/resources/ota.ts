/** Software on its way to devices. */
import type { Timestamp } from './scalars.ts'

export interface OtaRequest {
  readonly id: number
  readonly script: string
  readonly selection_criteria: readonly string[]
  readonly org: string
  readonly fleet: string | null
  readonly released_on: Timestamp | null
  readonly completed_on: Timestamp | null
}

export interface OtaAction {
  readonly id: number
  readonly deployment: number
  readonly device: string
  readonly created_on: Timestamp
  readonly last_attempt_on: Timestamp | null
  readonly attempt_successful: boolean
  readonly device_confirmation: boolean
  readonly log: string | null
}

export interface OtaScript {
  readonly slug: string
  readonly gid: string
  readonly name: string
  readonly org: string
  readonly version: string
  readonly created_on: Timestamp
  readonly released: boolean
  readonly released_on: Timestamp | null
}

export interface OtaScriptFile {
  readonly name: string
  readonly url: string
  readonly key: string
  readonly major_version: number
  readonly minor_version: number
  readonly patch_version: number
}

export interface OtaVersion {
  readonly device: string
  readonly type: string
  readonly tag: number
  readonly version: string
  readonly streamer_local_id: number
  readonly updated_ts: Timestamp
  readonly created_on: Timestamp
}

export interface OtaDevice {
  readonly slug: string
  readonly template: string
  readonly sg: string | null
  readonly deployments: readonly OtaRequest[]
  readonly actions: readonly OtaAction[]
  readonly versions: readonly OtaVersion[]
}
