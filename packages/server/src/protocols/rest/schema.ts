/**
 * The schemas that routes are described with, as TypeBox writes and types them. TypeBox itself brings its whole
 * type system, 370 modules and 6 MB, to every start; these few functions are what routes use of it.
 */
import type * as TypeBox from 'typebox'

type Kinds =
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'

/** Marks a property that its object does not require. Nobody sees it in JSON. */
const OPTIONAL = Symbol('optional')

function plain(type: string) {
  return (options?: object) => ({ type, ...options })
}

function objectOf(properties: Record<string, object>, options?: object) {
  const required = Object.keys(properties).filter((name) => !(OPTIONAL in properties[name]))
  return { type: 'object', ...(required.length > 0 && { required }), properties, ...options }
}

function optional(schema: object) {
  return Object.defineProperty({ ...schema }, OPTIONAL, { value: true })
}

export const Type = {
  Array: (items: object, options?: object) => ({ type: 'array', items, ...options }),
  Boolean: plain('boolean'),
  Enum: (values: readonly string[], options?: object) => ({ enum: values, ...options }),
  Integer: plain('integer'),
  Null: plain('null'),
  Number: plain('number'),
  Object: objectOf,
  Optional: optional,
  /** With any name: routes have no other. */
  Record: (_name: object, value: object, options?: object) => ({
    type: 'object',
    patternProperties: { '^.*$': value },
    ...options,
  }),
  String: plain('string'),
  Union: (anyOf: readonly object[], options?: object) => ({ anyOf, ...options }),
  Unknown: (options?: object) => ({ ...options }),
} as unknown as Pick<typeof TypeBox.Type, Kinds>
