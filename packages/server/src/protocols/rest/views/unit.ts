/** Units on the wire: an object in answers, an object or a slug in requests. */
import type { Static } from 'typebox'
import { formatUnit, parseUnit, type Unit } from '../../../catalog/units.ts'
import { InvalidError } from '../../../errors.ts'
import { Type } from '../schema.ts'

const DerivedUnit = Type.Object({ m: Type.Integer(), d: Type.Integer(), o: Type.Optional(Type.Number()) })

const UnitView = Type.Object(
  {
    slug: Type.Optional(Type.String()),
    unit_full: Type.Optional(Type.String()),
    unit_short: Type.Optional(Type.String()),
    m: Type.Integer(),
    d: Type.Integer(),
    o: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    decimal_places: Type.Optional(Type.Integer({ minimum: 0, maximum: 15 })),
    derived_units: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), DerivedUnit))),
  },
  { description: 'out = o + value × m / d' },
)

export const UnitOrNull = Type.Union([UnitView, Type.Null()])

/** The unit of a row as it is answered. */
export function unitView(json: string | null): Unit | null {
  return parseUnit(json)
}

/** What a request says of a unit, for the row. @throws {InvalidError} its factors are no factors. */
export function readUnit(
  field: string,
  unit: Static<typeof UnitOrNull> | undefined,
): string | null | undefined {
  if (unit === undefined || unit === null) return unit
  try {
    return formatUnit({ slug: '', unit_full: '', unit_short: '', ...unit, o: unit.o ?? 0 })
  } catch (error) {
    throw error instanceof InvalidError ? InvalidError.field(field, error.message) : error
  }
}
