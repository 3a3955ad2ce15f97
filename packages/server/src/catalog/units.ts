/** Units of measurement as variables and streams carry them: names and a conversion, kept as JSON. */
import { InvalidError } from '../errors.ts'
import type { DerivedUnits } from '../model/value-chain.ts'

/** `out = o + value * m / d`. */
export interface Unit {
  readonly slug: string
  readonly unit_full: string
  readonly unit_short: string
  readonly m: number
  readonly d: number
  readonly o: number
  /** Output units only. */
  readonly decimal_places?: number
  /** Further conversions of the output value, by kind and name: `{"rate": {"gpm": {"m": 1, "d": 10}}}`. */
  readonly derived_units?: DerivedUnits
}

export function parseUnit(json: string | null): Unit | null {
  return json === null ? null : (JSON.parse(json) as Unit)
}

/** @throws {InvalidError} the factors are not whole numbers other than zero, or the offset is no number. */
export function formatUnit(unit: Unit | null): string | null {
  if (unit === null) return null
  checkUnit(unit)
  return JSON.stringify(unit)
}

/** @throws {InvalidError} as `formatUnit`. */
export function checkUnit(unit: Unit): void {
  if (!isFactor(unit.m)) throw InvalidError.field('m', 'A unit needs a whole factor that is not zero.')
  if (!isFactor(unit.d)) throw InvalidError.field('d', 'A unit needs a whole divisor that is not zero.')
  if (!Number.isFinite(unit.o)) throw InvalidError.field('o', 'A unit needs a number as its offset.')
  for (const [kind, units] of Object.entries(unit.derived_units ?? {})) {
    for (const [name, factors] of Object.entries(units)) {
      if (isFactor(factors.m) && isFactor(factors.d) && Number.isFinite(factors.o ?? 0)) continue
      const reason = `The derived unit ${kind}.${name} needs whole factors m and d that are not zero.`
      throw InvalidError.field('derived_units', reason)
    }
  }
}

function isFactor(value: number): boolean {
  return Number.isSafeInteger(value) && value !== 0
}
