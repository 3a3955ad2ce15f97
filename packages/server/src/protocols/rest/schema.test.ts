import { Type as TypeBox } from 'typebox'
import { describe, expect, it } from 'vitest'
import { Type } from './schema.ts'

/** The same schema from both; as JSON, since that is what compilers and readers see. */
type Make = (type: typeof Type) => object

describe('schemas', () => {
  it.each<[kind: string, make: Make]>([
    ['strings', (t) => t.String({ minLength: 1, description: 'x' })],
    ['integers', (t) => t.Integer({ minimum: 0 })],
    ['numbers', (t) => t.Number()],
    ['booleans', (t) => t.Boolean({ default: false })],
    ['null', (t) => t.Null()],
    ['anything', (t) => t.Unknown({ description: 'x' })],
    ['enums', (t) => t.Enum(['a', 'b'], { description: 'x' })],
    ['unions', (t) => t.Union([t.String(), t.Null()], { description: 'x' })],
    ['arrays', (t) => t.Array(t.Integer(), { minItems: 1 })],
    ['records', (t) => t.Record(t.String(), t.Unknown())],
    ['empty objects', (t) => t.Object({})],
    ['objects', (t) => t.Object({ a: t.String(), b: t.Null() }, { additionalProperties: false })],
    ['optional parts', (t) => t.Object({ a: t.String(), b: t.Optional(t.String()) })],
    ['only optional parts', (t) => t.Object({ a: t.Optional(t.String()) })],
  ])('are written as by TypeBox: %s', (_kind, make) => {
    expect(JSON.stringify(make(Type))).toBe(JSON.stringify(make(TypeBox)))
  })

  it('stay as they are when a copy is optional', () => {
    const name = Type.String()
    Type.Optional(name)
    expect(Type.Object({ name })).toMatchObject({ required: ['name'] })
  })
})
