/** Which conversions the values of a stream go through, from its record and that of its variable. */
import type { Mdo } from '@sonde/client'
import { IDENTITY_CHAIN, type ValueChain } from '../model/value-chain.ts'
import type { StreamRow, VariableRow } from './schema.ts'
import { parseUnit } from './units.ts'

/** `mdo_type` `S` takes the stream's own factors, `V` the variable's, anything else none. */
export function valueChainOf(stream: StreamRow, variable: VariableRow | undefined): ValueChain {
  if (stream.is_registered === 0) return IDENTITY_CHAIN
  const output = parseUnit(stream.output_unit ?? variable?.output_unit ?? null)
  return {
    rawFormat: stream.raw_value_format,
    mdo: mdoOf(stream.mdo_type === 'S' ? stream : stream.mdo_type === 'V' ? variable : undefined),
    input: parseUnit(stream.input_unit ?? variable?.input_unit ?? null) ?? undefined,
    output: output ?? undefined,
    decimalPlaces: output?.decimal_places ?? variable?.decimal_places ?? 0,
    ...(output?.derived_units && { derivedUnits: output.derived_units }),
  }
}

type Factors = Pick<StreamRow, 'multiplication_factor' | 'division_factor' | 'offset_value'>

function mdoOf(factors: Factors | undefined): Mdo | undefined {
  if (!factors) return undefined
  const { multiplication_factor: m, division_factor: d, offset_value: o } = factors
  return m === null && d === null && o === null ? undefined : { m: m ?? 1, d: d ?? 1, o: o ?? 0 }
}
