import { expect, it } from 'vitest'
import { InvalidError } from '../errors.ts'
import { formatUnit, parseUnit, type Unit } from './units.ts'

const GALLONS: Unit = {
  slug: 'out--water-meter-flow--gallons-per-min',
  unit_full: 'Gallons per Min',
  unit_short: 'GPM',
  m: 100_000,
  d: 378_541,
  o: 0,
  decimal_places: 1,
  derived_units: { rate: { gpm: { m: 1, d: 10 } } },
}

it('keeps a unit as it is, and none as none', () => {
  expect(parseUnit(formatUnit(GALLONS))).toEqual(GALLONS)
  expect(parseUnit(formatUnit(null))).toBeNull()
})

it('refuses conversions that do not compute', () => {
  const refused = (change: Partial<Unit>) =>
    expect(() => formatUnit({ ...GALLONS, ...change }), JSON.stringify(change)).toThrow(InvalidError)
  refused({ m: 0 })
  refused({ m: 1.5 })
  refused({ d: 0 })
  refused({ d: Number.NaN })
  refused({ o: Number.POSITIVE_INFINITY })
  refused({ derived_units: { rate: { gpm: { m: 1, d: 0 } } } })
  refused({ derived_units: { rate: { gpm: { m: 1.5, d: 1 } } } })
})
