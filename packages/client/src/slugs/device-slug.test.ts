import { describe, expect, it } from 'vitest'
import { SlugError } from '../errors.ts'
import { BlockSlug } from './block-slug.ts'
import { DeviceSlug, formatDeviceSlug } from './device-slug.ts'
import type { SlugId } from './slug-grammar.ts'

const RANGE = 'IOTileDeviceSlug: UUID should be greater or equal than zero and less than 16^12'
const LETTER = 'IOTileDeviceSlug: must start with a "d"'
const TYPE = 'IOTileDeviceSlug: must be an int or str'

describe('DeviceSlug', () => {
  it.each<[SlugId, string]>([
    [0, 'd--0000-0000-0000-0000'],
    [10, 'd--0000-0000-0000-000a'],
    [2 ** 48 - 1, 'd--0000-ffff-ffff-ffff'],
    [2 ** 48, 'd--0001-0000-0000-0000'],
    [2n ** 64n - 1n, 'd--ffff-ffff-ffff-ffff'],
    ['0005', 'd--0000-0000-0000-0005'],
    ['d--0005', 'd--0000-0000-0000-0005'],
    ['d--0000-0000-0005', 'd--0000-0000-0000-0005'],
    ['0x1234', 'd--0000-0000-0000-1234'],
    ['0X1234', 'd--0000-0000-0000-1234'],
    ['0x1234567', 'd--0000-0000-0123-4567'],
    ['d--1234-0000-0000-0001', 'd--1234-0000-0000-0001'],
    ['d--0000-1234-0000-0000-0001', 'd--1234-0000-0000-0001'],
    ['5', 'd--0000-0000-0000-0005'],
    ['12345678', 'd--0000-0000-1234-5678'],
    ['ABCD', 'd--0000-0000-0000-abcd'],
    ['0000-0000-0000', 'd--0000-0000-0000-0000'],
  ])('reads %s as %s', (id, text) => {
    expect(new DeviceSlug(id).toString()).toBe(text)
  })

  it.each<[unknown, string]>([
    [2 ** 64, RANGE],
    [2n ** 64n, RANGE],
    [-5, RANGE],
    [-(2n ** 70n), RANGE],
    ['d--0001-0000-0000-0000-0000', RANGE],
    ['b--0001-0000-0000-0001', LETTER],
    ['x--0001', LETTER],
    ['string', 'Expected HEX number. Got string'],
    [null, TYPE],
    [undefined, TYPE],
    [5.5, TYPE],
    [new BlockSlug(5), TYPE],
    [2 ** 60, 'IOTileDeviceSlug: an id beyond 2^53 must be a bigint or a text'],
  ])('refuses %s', (id, message) => {
    expect(() => new DeviceSlug(id as SlugId)).toThrow(new SlugError(message))
  })

  it.each<[SlugId | DeviceSlug]>([
    [2 ** 48],
    ['d--1234-0000-0000-0001'],
    [new DeviceSlug('d--1234-0000-0000-0001')],
  ])('refuses %s when 64 bits are not allowed', (id) => {
    expect(() => new DeviceSlug(id, { allow64: false })).toThrow(new SlugError(RANGE))
  })

  it('takes 48 bits when 64 are not allowed', () => {
    expect(String(new DeviceSlug(2 ** 48 - 1, { allow64: false }))).toBe('d--0000-ffff-ffff-ffff')
  })

  it.each<[SlugId, number | bigint]>([
    [10, 10],
    [10n, 10],
    ['d--001f-ffff-ffff-ffff', Number.MAX_SAFE_INTEGER],
    ['d--0020-0000-0000-0000', 2n ** 53n],
    ['d--1234-0000-0000-0001', 1_311_673_391_471_656_961n],
  ])('gives %s the number %s, a bigint only beyond the safe ones', (id, number) => {
    expect(new DeviceSlug(id).getId()).toBe(number)
    expect(new DeviceSlug(number).getId()).toBe(number)
  })

  it('copies another one', () => {
    const copy = new DeviceSlug(new DeviceSlug(10))
    expect(copy.toString()).toBe('d--0000-0000-0000-000a')
    expect(copy.formattedId()).toBe('0000-0000-0000-000a')
  })
})

describe('formatDeviceSlug', () => {
  it('refuses more than 48 bits instead of losing the high ones', () => {
    expect(() => formatDeviceSlug(2 ** 48)).toThrow(SlugError)
  })
})
