import type { TSchema } from 'typebox'
import { Type } from '../schema.ts'

/** A value of the schema, or null. */
export function Nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}
