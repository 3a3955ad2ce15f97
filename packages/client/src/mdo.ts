/**
 * Unit conversion by whole factors: multiply, divide, offset. The order of the operations is part of the
 * contract, since floating point gives other last digits in any other order.
 */
import { MdoError } from './errors.ts'

/** `out = o + (v * m / d)`. */
export interface Mdo {
  /** A whole number other than 0. */
  readonly m: number
  /** A whole number other than 0. */
  readonly d: number
  /** Left out, null and 0 all add nothing. */
  readonly o?: number | null | undefined
}

/** Converts a value. The factors are taken as valid; `MdoHelper` checks them. */
export function applyMdo({ m, d, o }: Mdo, value: number): number {
  const scaled = (value * m) / d
  return o ? o + scaled : scaled
}

/** Converts back, up to rounding. */
export function reverseMdo({ m, d, o }: Mdo, out: number): number {
  const scaled = o ? out - o : out
  return (scaled * d) / m
}

/** A conversion with its factors checked once. */
export class MdoHelper {
  readonly #mdo: Mdo

  /** @throws {MdoError} `m` or `d` is 0 or not whole, or `o` is neither null nor a finite number. */
  constructor(m: number, d: number, o: number | null = null) {
    requireFactor('m', m)
    requireFactor('d', d)
    if (o !== null && !Number.isFinite(o)) throw new MdoError(`o is ${o}; it must be null or a number`)
    this.#mdo = { m, d, o }
  }

  compute(value: number): number {
    return applyMdo(this.#mdo, value)
  }

  /** The same as `compute`. */
  computeValue(value: number): number {
    return this.compute(value)
  }

  computeReverse(out: number): number {
    return reverseMdo(this.#mdo, out)
  }

  /** The formula, `0.5+3.0x/2.0`; without an offset `3.0x/2.0`. */
  toString(): string {
    const { m, d, o } = this.#mdo
    const scaled = `${decimal(m)}x/${decimal(d)}`
    return o ? `${decimal(o)}+${scaled}` : scaled
  }
}

function requireFactor(name: string, factor: number): void {
  if (factor !== 0 && Number.isSafeInteger(factor)) return
  throw new MdoError(`${name} is ${factor}; it must be a whole number other than 0`)
}

/** Whole numbers get a `.0`, to show that the arithmetic is not of integers. */
function decimal(value: number): string {
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}
