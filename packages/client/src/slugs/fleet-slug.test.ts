import { describe, expect, it } from 'vitest'
import { SlugError } from '../errors.ts'
import { FleetSlug } from './fleet-slug.ts'
import type { SlugId } from './slug-grammar.ts'

const RANGE = 'IOTileFleetSlug: UUID should be greater than zero and less than 16^12'
const LETTER = 'IOTileFleetSlug: must start with a "g"'

describe('FleetSlug', () => {
  it.each<[SlugId, string]>([
    [0, 'g--0000-0000-0000'],
    [1, 'g--0000-0000-0001'],
    [2 ** 48 - 1, 'g--ffff-ffff-ffff'],
    ['g--1234', 'g--0000-0000-1234'],
    ['0005', 'g--0000-0000-0005'],
    ['0x10', 'g--0000-0000-0010'],
  ])('reads %s as %s', (id, text) => {
    expect(new FleetSlug(id).toString()).toBe(text)
  })

  it.each<[unknown, string]>([
    [2 ** 48, RANGE],
    [-5, RANGE],
    ['g--0001-0000-0000-0001', RANGE],
    ['x--0000-0000-0001', LETTER],
    ['p--0000-0000-0001', LETTER],
    ['g--fleet', 'Expected HEX number. Got fleet'],
    [null, 'IOTileFleetSlug: must be an int or str'],
  ])('refuses %s', (id, message) => {
    expect(() => new FleetSlug(id as SlugId)).toThrow(new SlugError(message))
  })

  it('tells its number and its text without the letter', () => {
    const slug = new FleetSlug(new FleetSlug(9))
    expect(slug.getId()).toBe(9)
    expect(slug.formattedId()).toBe('0000-0000-0009')
  })
})
