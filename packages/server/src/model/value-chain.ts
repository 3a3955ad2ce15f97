/**
 * From what a device counts to what a person reads: the raw 32-bit number, re-read in the stream's format,
 * goes through the stream's factors and the input unit to become the internal value that is stored; the
 * output unit makes what is shown of it.
 */
import { applyMdo, type Mdo, reverseMdo } from '@sonde/client'

export interface ValueChain {
  /** How the four bytes are read: `<L` unsigned, `<l` signed, `<f` float; anything else leaves them alone. */
  readonly rawFormat: string
  /** Factors of the stream or of its variable; undefined is the identity. */
  readonly mdo: Mdo | undefined
  readonly input: Mdo | undefined
  readonly output: Mdo | undefined
  /** Digits of a displayed value. */
  readonly decimalPlaces: number
}

/** A stream without a record: what comes in is what is stored and shown. */
export const IDENTITY_CHAIN: ValueChain = {
  rawFormat: 'auto',
  mdo: undefined,
  input: undefined,
  output: undefined,
  decimalPlaces: 0,
}

const RAW_MAX = 0x7fffffff

/** What is stored for a raw value. */
export function internalOf(chain: ValueChain, raw: number): number {
  const read = chain.rawFormat === 'auto' ? raw : clamp(reread(chain.rawFormat, raw))
  return applied(chain.input, applied(chain.mdo, read))
}

/** The raw value that an internal one came from, rounded to a whole number. */
export function rawOf(chain: ValueChain, internal: number): number {
  const read = reversed(chain.mdo, reversed(chain.input, internal))
  return chain.rawFormat === '<f' ? asBits(read) : Math.round(read)
}

export function outputOf(chain: ValueChain, internal: number): number {
  return applied(chain.output, internal)
}

export function displayOf(chain: ValueChain, internal: number): string {
  return outputOf(chain, internal).toFixed(chain.decimalPlaces)
}

function applied(mdo: Mdo | undefined, value: number): number {
  return mdo ? applyMdo(mdo, value) : value
}

function reversed(mdo: Mdo | undefined, value: number): number {
  return mdo ? reverseMdo(mdo, value) : value
}

function reread(format: string, raw: number): number {
  const bytes = new DataView(new ArrayBuffer(4))
  bytes.setUint32(0, raw, true)
  switch (format) {
    case '<L':
      return bytes.getUint32(0, true)
    case '<l':
      return bytes.getInt32(0, true)
    case '<f':
      return bytes.getFloat32(0, true)
    default:
      return raw
  }
}

function asBits(value: number): number {
  const bytes = new DataView(new ArrayBuffer(4))
  bytes.setFloat32(0, value, true)
  return bytes.getUint32(0, true)
}

function clamp(value: number): number {
  return Math.min(RAW_MAX, Math.max(-RAW_MAX, value))
}
