import { describe, expect, it } from 'vitest'
import { SlugError } from '../errors.ts'
import { BlockSlug } from './block-slug.ts'
import { DeviceSlug } from './device-slug.ts'
import type { SlugId } from './slug-grammar.ts'

const RANGE = 'IOTileBlockSlug: UUID should be greater than zero and less than 16^16'
const ZERO = 'IOTileBlockSlug: UUID should be greater than zero'
const BLOCK_RANGE = 'IOTileBlockSlug: Block should be greater or equal than zero and less than 16^4'
const FORMAT = 'IOTileBlockSlug: Expected format: b--xxxx-xxxx-xxxx-xxxx'
const LETTER = 'IOTileBlockSlug: Slug must start with "b" or "d"'

describe('BlockSlug', () => {
  it.each<[SlugId | BlockSlug | DeviceSlug, number | bigint | undefined, string]>([
    [5, undefined, 'b--0000-0000-0000-0005'],
    [5, 3, 'b--0003-0000-0000-0005'],
    [5n, 3n, 'b--0003-0000-0000-0005'],
    [5, 0xffff, 'b--ffff-0000-0000-0005'],
    [2n ** 49n + 5n, undefined, 'b--0002-0000-0000-0005'],
    [2n ** 49n + 5n, 3, 'b--0002-0000-0000-0005'],
    ['b--0001-0000-0000-1234', undefined, 'b--0001-0000-0000-1234'],
    ['b--0001-0000-0000-1234', 3, 'b--0001-0000-0000-1234'],
    ['d--1234', 3, 'b--0003-0000-0000-1234'],
    ['0005', 3, 'b--0003-0000-0000-0005'],
    ['d--0000-0000-0000-1234', 3, 'b--0003-0000-0000-1234'],
    ['d--0002-0000-0000-1234', 3, 'b--0002-0000-0000-1234'],
    ['b--1-0000-0000-ABCD', undefined, 'b--0001-0000-0000-abcd'],
    [new DeviceSlug(5), 3, 'b--0003-0000-0000-0005'],
    [new BlockSlug(5, 3), undefined, 'b--0003-0000-0000-0005'],
  ])('reads %s and block %s as %s', (id, block, text) => {
    expect(new BlockSlug(id, block).toString()).toBe(text)
  })

  it.each<[unknown, number, string]>([
    [0, 0, RANGE],
    [0, 3, RANGE],
    [-5, 0, RANGE],
    [2 ** 64, 0, RANGE],
    [2n ** 64n, 0, RANGE],
    ['0001-0000-0000-0000-0000', 0, RANGE],
    ['0000-0000-0000-0000', 0, ZERO],
    ['b--0000-0000-0000-0000', 0, ZERO],
    ['b--0000-0000-1234', 0, FORMAT],
    ['b--0000-0000-0000-0000-1234', 0, FORMAT],
    ['x--0000-0000-0000-0001', 0, LETTER],
    ['b--zzzz-0000-0000-0001', 0, 'Expected HEX number. Got zzzz-0000-0000-0001'],
    [5, -1, BLOCK_RANGE],
    [5, 65_536, BLOCK_RANGE],
    [5, 1.5, BLOCK_RANGE],
    [null, 0, 'IOTileBlockSlug: must be an int or str'],
    [2 ** 60, 0, 'IOTileBlockSlug: an id beyond 2^53 must be a bigint or a text'],
  ])('refuses %s and block %s', (id, block, message) => {
    expect(() => new BlockSlug(id as SlugId, block)).toThrow(new SlugError(message))
  })

  it('tells its block, the number of its device, and its text without the letter', () => {
    const slug = new BlockSlug('b--0001-0000-0000-1234')
    expect(slug.getBlock()).toBe(1)
    expect(slug.getId()).toBe(4_660)
    expect(new BlockSlug('0005', 3).formattedId()).toBe('0003-0000-0000-0005')
  })
})
