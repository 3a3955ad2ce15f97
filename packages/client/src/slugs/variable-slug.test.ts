import { describe, expect, it } from 'vitest'
import { SlugError } from '../errors.ts'
import { ProjectSlug } from './project-slug.ts'
import type { SlugId } from './slug-grammar.ts'
import { VariableSlug } from './variable-slug.ts'

const RANGE = 'IOTileVariableSlug: UUID should be greater than zero'
const FORMAT = 'IOTileVariableSlug: Expected format: v--xxxx-xxxx--xxxx'
const TYPE = 'IOTileVariableSlug: ID must be int or str'
const PROJECT_RANGE = 'IOTileProjectSlug: UUID should be greater or equal than zero and less than 16^8'

describe('VariableSlug', () => {
  it.each<[SlugId | VariableSlug, SlugId | ProjectSlug | undefined, string]>([
    [5, undefined, 'v--0000-0000--0005'],
    [5n, undefined, 'v--0000-0000--0005'],
    [65_535, undefined, 'v--0000-0000--ffff'],
    [5, '1234', 'v--0000-1234--0005'],
    ['0005', new ProjectSlug('1234'), 'v--0000-1234--0005'],
    ['v--0000-1234--0005', 9, 'v--0000-1234--0005'],
    ['v--1234--5C00', undefined, 'v--0000-1234--5c00'],
    ['5', undefined, 'v--0000-0000--0005'],
    ['0000', undefined, 'v--0000-0000--0000'],
    [new VariableSlug(5, 6), 9, 'v--0000-0006--0005'],
  ])('reads %s of project %s as %s', (id, project, text) => {
    expect(new VariableSlug(id, project).toString()).toBe(text)
  })

  it.each<[unknown, SlugId, string]>([
    [0, 0, RANGE],
    [-5, 0, RANGE],
    [65_536, 0, RANGE],
    ['1-0000', 0, RANGE],
    ['v--0123', 0, FORMAT],
    ['v--0001--0002--0003', 0, FORMAT],
    ['x--0001--0002', 0, 'IOTileVariableSlug: must start with a "v"'],
    ['foo', 0, 'Expected HEX number. Got foo'],
    ['v--0001--foo', 0, 'Expected HEX number. Got foo'],
    ['v----0005', 0, 'Expected HEX number. Got '],
    [5.5, 0, TYPE],
    [null, 0, TYPE],
    [5, -1, PROJECT_RANGE],
    ['v--0001-0000-0000--0005', 0, PROJECT_RANGE],
  ])('refuses %s of project %s', (id, project, message) => {
    expect(() => new VariableSlug(id as SlugId, project)).toThrow(new SlugError(message))
  })

  it('tells its local id and its text without the letter', () => {
    const slug = new VariableSlug(5, 6)
    expect(slug.formattedLocalId()).toBe('0005')
    expect(slug.formattedId()).toBe('0000-0006--0005')
  })

  it('has no single number', () => {
    const message = 'Cannot call get_id() for IDs with more than one term'
    expect(() => new VariableSlug(5).getId()).toThrow(new SlugError(message))
  })
})
