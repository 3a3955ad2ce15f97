/** Units on the wire: an object in answers, an object or the slug of one of a variable type in requests. */
import type { Static } from 'typebox'
import { formatUnit, parseUnit, type Unit } from '../../../catalog/units.ts'
import { findUnit, type UnitSide } from '../../../catalog/vartypes.ts'
import { InvalidError } from '../../../errors.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'

const DerivedUnit = Type.Object({
  m: Type.Integer(),
  d: Type.Integer(),
  o: Type.Optional(Type.Number()),
})

export const UnitView = Type.Object(
  {
    slug: Type.Optional(Type.String({ maxLength: 250 })),
    unit_full: Type.Optional(Type.String({ maxLength: 250 })),
    unit_short: Type.Optional(Type.String({ maxLength: 250 })),
    m: Type.Integer(),
    d: Type.Integer(),
    o: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    decimal_places: Type.Optional(Type.Integer({ minimum: 0, maximum: 15 })),
    derived_units: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), DerivedUnit), {
        description: 'Further conversions of the output value, by kind and name',
      }),
    ),
  },
  { description: 'out = o + value × m / d' },
)

export const UnitOrNull = Type.Union([UnitView, Type.Null()])

/** A unit in a request. */
export const UnitBody = Type.Union([UnitView, Type.String(), Type.Null()], {
  description: 'A unit, or the slug of one of a variable type',
})

/** The unit of a row as it is answered. */
export function unitView(json: string | null): Unit | null {
  return parseUnit(json)
}

/** With what a request may leave out. */
export function readUnitObject(unit: Static<typeof UnitView>): Unit {
  return { slug: '', unit_full: '', unit_short: '', ...unit, o: unit.o ?? 0 }
}

/** The units of a body for the columns of its row: an absent one stays absent. */
export interface UnitColumns {
  readonly input_unit?: string | null
  readonly output_unit?: string | null
}

/** @throws {InvalidError} the factors are no factors, or no variable type has a unit of that slug. */
export async function readUnits(
  services: RestServices,
  body: {
    readonly input_unit?: Static<typeof UnitBody> | undefined
    readonly output_unit?: Static<typeof UnitBody> | undefined
  },
): Promise<UnitColumns> {
  const input = await readUnit(services, { field: 'input_unit', side: 'in', unit: body.input_unit })
  const output = await readUnit(services, { field: 'output_unit', side: 'out', unit: body.output_unit })
  return {
    ...(input === undefined ? {} : { input_unit: input }),
    ...(output === undefined ? {} : { output_unit: output }),
  }
}

async function readUnit(
  { catalog }: RestServices,
  { field, side, unit }: { field: string; side: UnitSide; unit: Static<typeof UnitBody> | undefined },
): Promise<string | null | undefined> {
  if (unit === undefined || unit === null) return unit
  if (typeof unit === 'string') {
    const known = await findUnit(catalog, { side, slug: unit })
    if (!known) throw InvalidError.field(field, `No variable type has a unit "${unit}"; see vartype/.`)
    return formatUnit(known)
  }
  try {
    return formatUnit(readUnitObject(unit))
  } catch (error) {
    throw error instanceof InvalidError ? InvalidError.field(field, error.message) : error
  }
}
