/**
 * Statements that are run a thousand times a second with other values each time. To build one and turn it into
 * SQL takes ten times as long as SQLite takes to run it, so that is done once for each shape of the values: which
 * of them are given, and how many a list has.
 */
import type { Compilable, CompiledQuery, DialectAdapter } from 'kysely'
import type { CatalogDb } from './schema.ts'

/** Texts and numbers become parameters; flags and bigints, which are for limits, decide what the statement is. */
type Value =
  | string
  | number
  | bigint
  | boolean
  | undefined
  | readonly Value[]
  | { readonly [key: string]: Value }

export interface PreparedOptions {
  /** With more values than this a statement is not kept: building is the lesser part then, and shapes are many. */
  readonly valuesMax?: number
}

const VALUES_MAX = 24
const SHAPES_MAX = 200

/** Stands in a statement for the value that comes at this place. */
class Place {
  readonly index: number
  constructor(index: number) {
    this.index = index
  }
}

/**
 * @param build The statement for some values. It may look at which values there are, at flags and at bigints, and
 *   must not look at texts and numbers, which it gets only when the values are too many.
 */
export function prepared<Values, Row>(
  build: (db: CatalogDb, values: Values) => Compilable<Row>,
  { valuesMax = VALUES_MAX }: PreparedOptions = {},
): (db: CatalogDb, values: Values) => Promise<Row[]> {
  // A catalog and its transactions have the adapter in common.
  const kept = new WeakMap<DialectAdapter, Map<string, CompiledQuery<Row>>>()
  return async (db, values) => {
    const found: (string | number)[] = []
    const shape = shapeOf(values as Value, found)
    if (found.length > valuesMax) return (await db.executeQuery<Row>(build(db, values).compile())).rows
    const { adapter } = db.getExecutor()
    const shapes = kept.get(adapter) ?? new Map<string, CompiledQuery<Row>>()
    kept.set(adapter, shapes)
    let statement = shapes.get(shape)
    if (statement === undefined) {
      if (shapes.size >= SHAPES_MAX) shapes.clear()
      statement = build(db, withPlaces(values as Value, { next: 0 }) as Values).compile()
      shapes.set(shape, statement)
    }
    const parameters = statement.parameters.map((value) =>
      value instanceof Place ? found[value.index] : value,
    )
    return (await db.executeQuery<Row>({ ...statement, parameters })).rows
  }
}

/** Says all that `build` may look at; puts texts and numbers into `found`, in order. */
function shapeOf(value: Value, found: (string | number)[]): string {
  if (typeof value === 'string' || typeof value === 'number') {
    found.push(value)
    return '?'
  }
  if (typeof value !== 'object') return String(value)
  if (isList(value)) return `[${value.map((item) => shapeOf(item, found)).join()}]`
  let shape = '{'
  for (const key in value) shape += `${key}:${shapeOf(value[key], found)},`
  return `${shape}}`
}

/** The same values in the same order as `shapeOf` finds them, each replaced by its place. */
function withPlaces(value: Value, places: { next: number }): unknown {
  if (typeof value === 'string' || typeof value === 'number') return new Place(places.next++)
  if (typeof value !== 'object') return value
  if (isList(value)) return value.map((item) => withPlaces(item, places))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPlaces(item, places)]))
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
