/** Units, and the types of variable that offer them. */

/** `out = o + value × m / d`. */
export interface Unit {
  readonly slug: string
  readonly unit_full: string
  readonly unit_short: string
  readonly m: number
  readonly d: number
  readonly o: number | null
  readonly decimal_places?: number
  readonly derived_units?: Readonly<Record<string, unknown>>
}

export interface VarType {
  readonly name: string
  readonly slug: string
  readonly available_input_units: readonly Unit[]
  readonly available_output_units: readonly Unit[]
  readonly stream_data_type: string
  readonly decoder: unknown
  readonly schema: unknown
  readonly storage_units_full: string
  readonly storage_units_short: string
}
