import { describe, expect, it } from 'vitest'
import { SlugError } from '../errors.ts'
import { FleetSlug } from './fleet-slug.ts'
import { formatProjectSlug, ProjectSlug } from './project-slug.ts'
import type { SlugId } from './slug-grammar.ts'

const RANGE = 'IOTileProjectSlug: UUID should be greater or equal than zero and less than 16^8'
const LETTER = 'IOTileProjectSlug: must start with a "p"'
const TYPE = 'IOTileProjectSlug: must be an int or str'

describe('ProjectSlug', () => {
  it.each<[SlugId, string]>([
    [5, 'p--0000-0005'],
    [5n, 'p--0000-0005'],
    [0, 'p--0000-0000'],
    [-0, 'p--0000-0000'],
    [4_294_967_295, 'p--ffff-ffff'],
    ['5', 'p--0000-0005'],
    ['0005', 'p--0000-0005'],
    ['p--0005', 'p--0000-0005'],
    ['p--0000-0005', 'p--0000-0005'],
    ['ABCD', 'p--0000-abcd'],
    ['0x10', 'p--0000-0010'],
    ['p--0x10', 'p--0000-0010'],
    ['1-0002', 'p--0001-0002'],
    ['p--0000-0000-0001', 'p--0000-0001'],
  ])('reads %s as %s', (id, text) => {
    expect(new ProjectSlug(id).toString()).toBe(text)
  })

  it.each<[unknown, string]>([
    [4_294_967_296, RANGE],
    [4_294_967_296n, RANGE],
    [2 ** 60, RANGE],
    [-5, RANGE],
    [-5n, RANGE],
    ['p--1234-0000-0000-0001', RANGE],
    ['1c07fdd0-3fad-4549-bd56-5af2aca18d5b', RANGE],
    ['1-2', 'Expected HEX number. Got 1-2'],
    ['', 'Expected HEX number. Got '],
    ['p--', 'Expected HEX number. Got '],
    ['string', 'Expected HEX number. Got string'],
    ['p--string', 'Expected HEX number. Got string'],
    ['p--0001--0002', 'Expected HEX number. Got 0001--0002'],
    ['0x', 'Expected HEX number. Got 0x'],
    [' 5', 'Expected HEX number. Got  5'],
    ['-5', 'Expected HEX number. Got -5'],
    ['5-', 'Expected HEX number. Got 5-'],
    ['P--0005', LETTER],
    ['d--0005', LETTER],
    ['x--0000-0001', LETTER],
    ['--0005', LETTER],
    [1.5, TYPE],
    [Number.NaN, TYPE],
    [null, TYPE],
    [new FleetSlug(5), TYPE],
  ])('refuses %s', (id, message) => {
    expect(() => new ProjectSlug(id as SlugId)).toThrow(new SlugError(message))
  })

  it('tells its number and its text without the letter', () => {
    const slug = new ProjectSlug('p--0005')
    expect(slug.getId()).toBe(5)
    expect(slug.formattedId()).toBe('0000-0005')
  })

  it('copies another one', () => {
    expect(String(new ProjectSlug(new ProjectSlug(5)))).toBe('p--0000-0005')
  })

  it('stands in JSON as its text', () => {
    expect(JSON.stringify({ project: new ProjectSlug(5) })).toBe('{"project":"p--0000-0005"}')
  })
})

describe('formatProjectSlug', () => {
  it.each([-1, 4_294_967_296, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (id) => {
    const message = `Expected a whole number from 0 and less than 16^8. Got ${id}`
    expect(() => formatProjectSlug(id)).toThrow(new SlugError(message))
  })
})
