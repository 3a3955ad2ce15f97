/** Devices, their templates, and groups of them. */
import type { Timestamp } from './scalars.ts'

export interface Device {
  readonly id: number
  readonly slug: string
  /** The slug without its kind. */
  readonly gid: string
  readonly label: string
  readonly active: boolean
  readonly external_id: string
  readonly sg: string | null
  readonly template: string
  readonly org: string | null
  /** UUID. */
  readonly project: string | null
  /** Decimal text. */
  readonly lat: string | null
  readonly lon: string | null
  /** `N1` normal, `N0` inactive, `B0` busy. */
  readonly state: string
  readonly busy: boolean
  readonly created_on: Timestamp
  readonly claimed_by: string | null
  readonly claimed_on: Timestamp | null
}

export interface DeviceExtra {
  readonly id: number
  readonly slug: string
  readonly project: string | null
  readonly label: string
  readonly active: boolean
  readonly created_on: Timestamp
  readonly claimed_by: string | null
  readonly claimed_on: Timestamp | null
  /** By slug of the stream; those that have data. */
  readonly stream_counts: Readonly<
    Record<string, { readonly data_cnt: number; readonly event_cnt?: number; readonly has_streamid: boolean }>
  >
}

/** An archive of what a device has sent. */
export interface DataBlock {
  readonly id: number
  readonly slug: string
  readonly title: string
  readonly description: string
  readonly block: number
  readonly org: string
  readonly sg: string | null
  readonly created_on: Timestamp
  readonly created_by: string
  readonly pid: string | null
}

export interface Fleet {
  readonly id: number
  readonly name: string
  readonly slug: string
  readonly org: string
  readonly description: string
  readonly created_on: Timestamp
  readonly created_by: string
  readonly is_network: boolean
}

export interface FleetDevice {
  readonly device: string
  readonly always_on: boolean
  readonly is_access_point: boolean
}

/** A sensor graph: what runs on a device. */
export interface SensorGraph {
  readonly id: number
  readonly name: string
  readonly slug: string
  readonly org: string | null
  readonly project_template: string | null
  readonly variable_templates: readonly unknown[]
  readonly display_widget_templates: readonly unknown[]
  readonly ui_extra: unknown
  readonly report_processing_engine_ver: number
  readonly major_version: number
  readonly minor_version: number
  readonly patch_version: number
  readonly version: string
  readonly app_tag: number | null
  readonly app_version: string | null
  readonly created_on: Timestamp
}

/** What a device is made of. */
export interface DeviceTemplate {
  readonly id: number
  readonly external_sku: string
  readonly internal_sku: string
  readonly family: string
  readonly slug: string
  readonly org: string | null
  readonly version: string
  readonly os_tag: number | null
  readonly os_version: string | null
  readonly hw_tag: string | null
  readonly hw_version: string | null
  readonly slots: readonly unknown[]
  readonly created_on: Timestamp
  readonly released_on: Timestamp | null
}

/** A note on a device, block or project. */
export interface Property {
  readonly id: number
  readonly name: string
  readonly value: string | number | boolean
  readonly type: 'str' | 'int' | 'bool'
  readonly is_system: boolean
  /** Slug. */
  readonly target: string
}

interface NewPropertyNames {
  readonly target: string
  readonly name: string
  readonly is_system?: boolean
}

/** Exactly one value. */
export type NewProperty = NewPropertyNames &
  (
    | { readonly int_value: number; readonly str_value?: never; readonly bool_value?: never }
    | { readonly str_value: string; readonly int_value?: never; readonly bool_value?: never }
    | { readonly bool_value: boolean; readonly int_value?: never; readonly str_value?: never }
  )
