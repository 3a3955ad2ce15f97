/**
 * From what a device counts to what a person reads: the raw 32-bit number, re-read in the stream's format,
 * goes through the stream's factors and the input unit to become the internal value that is stored; the
 * output unit makes what is shown of it.
 */
import { applyMdo, type Mdo, reverseMdo } from '@sonde/client'

export interface ValueChain {
  /**
   * How the four bytes are read, as `<L` unsigned, `<l` signed, `<f` float (`>` with the bytes turned round);
   * anything else, such as `auto`, leaves the number alone. Undefined for a stream without a record, whose
   * numbers are not held to 31 bits either.
   */
  readonly rawFormat: string | undefined
  /** Factors of the stream or of its variable; undefined is the identity. */
  readonly mdo: Mdo | undefined
  readonly input: Mdo | undefined
  readonly output: Mdo | undefined
  /** Digits of a displayed value. */
  readonly decimalPlaces: number
  /** Further conversions of the output value. */
  readonly derivedUnits?: DerivedUnits
}

/** One of the `derived_units` of an output unit. */
export interface DerivedUnit {
  readonly m: number
  readonly d: number
  readonly o?: number
}

/** By kind and name: `{"rate": {"gpm": {"m": 1, "d": 10}}}`. */
export type DerivedUnits = Readonly<Record<string, Readonly<Record<string, DerivedUnit>>>>

/** A stream without a record: what comes in is what is stored and shown. */
export const IDENTITY_CHAIN: ValueChain = {
  rawFormat: undefined,
  mdo: undefined,
  input: undefined,
  output: undefined,
  decimalPlaces: 0,
}

/** Readings are held to 31 bits, whatever their format. */
const RAW_MAX = 0x7fffffff

const READ_AS: Readonly<Record<string, 'unsigned' | 'signed' | 'float'>> = {
  '<L': 'unsigned',
  '<I': 'unsigned',
  '>L': 'unsigned',
  '>I': 'unsigned',
  '<l': 'signed',
  '<i': 'signed',
  '>l': 'signed',
  '>i': 'signed',
  '<f': 'float',
  '>f': 'float',
}

/** What is stored for a raw value. */
export function internalOf(chain: ValueChain, raw: number): number {
  const read = chain.rawFormat === undefined ? raw : clamp(reread(chain.rawFormat, raw))
  return applied(chain.input, applied(chain.mdo, read))
}

/** The raw value that an internal one came from, rounded to a whole number. */
export function rawOf(chain: ValueChain, internal: number): number {
  const read = reversed(chain.mdo, reversed(chain.input, internal))
  return asCounted(chain.rawFormat ?? '', read)
}

export function outputOf(chain: ValueChain, internal: number): number {
  return applied(chain.output, internal)
}

export function displayOf(chain: ValueChain, internal: number): string {
  return outputOf(chain, internal).toFixed(chain.decimalPlaces)
}

/** A further conversion of the output value, such as an amount per ten minutes into a rate. */
export function derivedOf(chain: ValueChain, internal: number, { m, d, o = 0 }: DerivedUnit): number {
  return applyMdo({ m, d, o }, outputOf(chain, internal))
}

function applied(mdo: Mdo | undefined, value: number): number {
  return mdo ? applyMdo(mdo, value) : value
}

function reversed(mdo: Mdo | undefined, value: number): number {
  return mdo ? reverseMdo(mdo, value) : value
}

function reread(format: string, raw: number): number {
  const kind = READ_AS[format]
  if (kind === undefined) return raw
  const bytes = new DataView(new ArrayBuffer(4))
  bytes.setUint32(0, raw, true)
  const isLittle = format.startsWith('<')
  if (kind === 'float') return bytes.getFloat32(0, isLittle)
  return kind === 'signed' ? bytes.getInt32(0, isLittle) : bytes.getUint32(0, isLittle)
}

/** The other way round: the unsigned number that the bytes of `value` make. */
function asCounted(format: string, value: number): number {
  const kind = READ_AS[format]
  if (kind === undefined) return Math.round(value)
  const bytes = new DataView(new ArrayBuffer(4))
  const isLittle = format.startsWith('<')
  if (kind === 'float') bytes.setFloat32(0, value, isLittle)
  else bytes.setInt32(0, Math.round(value), isLittle)
  return bytes.getUint32(0, true)
}

function clamp(value: number): number {
  return Math.min(RAW_MAX, Math.max(-RAW_MAX, value))
}
