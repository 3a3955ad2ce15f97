/** Variables, and the streams that they make with devices. */
import type { Timestamp } from './scalars.ts'
import type { Unit } from './unit.ts'

export interface Variable {
  readonly id: string
  readonly name: string
  /** Number within the project. */
  readonly lid: number
  readonly var_type: string
  readonly input_unit: Unit | null
  readonly output_unit: Unit | null
  readonly derived_variable: string | null
  /** UUID. */
  readonly project: string
  readonly org: string
  readonly about: string
  readonly created_on: Timestamp
  readonly raw_value_format: string
  readonly units: string
  readonly multiplication_factor: number | null
  readonly division_factor: number | null
  readonly offset: number | null
  readonly decimal_places: number
  readonly mdo_label: string
  readonly web_only: boolean
  readonly app_only: boolean
  readonly slug: string
}

export interface Stream {
  /** UUID. */
  readonly id: string
  /** UUID. */
  readonly project_id: string
  /** Slug, as are the device, block and variable. */
  readonly project: string
  /** Null for a virtual stream. */
  readonly device: string | null
  /** Of an archived stream. */
  readonly block: string | null
  readonly data_label: string
  readonly variable: string
  readonly var_type: string | null
  readonly data_type: string
  readonly var_name: string
  readonly var_lid: number
  readonly input_unit: Unit | null
  readonly output_unit: Unit | null
  readonly derived_stream: string | null
  readonly raw_value_format: string
  /** Whose factors hold: `S` the stream's, `V` the variable's. */
  readonly mdo_type: string
  readonly mdo_label: string
  readonly multiplication_factor: number | null
  readonly division_factor: number | null
  readonly offset: number | null
  readonly org: string
  readonly created_on: Timestamp
  readonly slug: string
  readonly enabled: boolean
}

export interface NewStream {
  readonly variable: string
  /** Left out, a virtual stream. */
  readonly device?: string
  readonly data_label?: string
  readonly [field: string]: unknown
}
