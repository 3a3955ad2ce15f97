import { describe, expect, it } from 'vitest'
import { SlugError } from '../errors.ts'
import { DeviceSlug } from './device-slug.ts'
import type { SlugId } from './slug-grammar.ts'
import { StreamerSlug } from './streamer-slug.ts'

const DEVICE = 'IOTileStreamerSlug: Unknown device specifier, must be string, int or IOTileDeviceSlug'
const DEVICE_RANGE = 'IOTileDeviceSlug: UUID should be greater or equal than zero and less than 16^12'
const INDEX = 'IOTileStreamerSlug: Index should be greater or equal than zero and less than 16^4'
const FORMAT = 'IOTileStreamerSlug: Expected format: t--xxxx-xxxx-xxxx-xxxx--xxxx'
const LETTER = 'IOTileStreamerSlug: must start with a "t"'

describe('StreamerSlug', () => {
  it.each<[SlugId | DeviceSlug | StreamerSlug, SlugId | undefined, string]>([
    [1, 2, 't--0000-0000-0000-0001--0002'],
    [1n, 2n, 't--0000-0000-0000-0001--0002'],
    ['d--0000-0000-0000-1234', 1, 't--0000-0000-0000-1234--0001'],
    ['1234', 1, 't--0000-0000-0000-1234--0001'],
    [new DeviceSlug(15), 0, 't--0000-0000-0000-000f--0000'],
    [1, '2', 't--0000-0000-0000-0001--0002'],
    [1, '10', 't--0000-0000-0000-0001--000a'],
    [1, 65_535, 't--0000-0000-0000-0001--ffff'],
    ['t--000A--0010', undefined, 't--0000-0000-0000-000a--0010'],
    [new StreamerSlug(1, 16), undefined, 't--0000-0000-0000-0001--0010'],
  ])('reads device %s and index %s as %s', (device, index, text) => {
    expect(new StreamerSlug(device, index).toString()).toBe(text)
  })

  it.each<[unknown, unknown, string]>([
    [[], 1, DEVICE],
    [null, 1, DEVICE],
    [1, -1, INDEX],
    [1, 65_536, INDEX],
    [1, 1.5, INDEX],
    [1, 'a', INDEX],
    [1, '', INDEX],
    [1, '-1', INDEX],
    [1, null, INDEX],
    [1, undefined, INDEX],
    [-1, 1, DEVICE_RANGE],
    ['d--0001-0000-0000-0001', 1, DEVICE_RANGE],
    ['b--0001-0000-0000-0001', 1, 'IOTileDeviceSlug: must start with a "d"'],
    ['t--0001', undefined, FORMAT],
    ['t--0001--0002--0003', undefined, FORMAT],
    ['d--0001', undefined, LETTER],
    ['t--0001--1-0000', undefined, INDEX],
    ['t--0001--', undefined, 'Expected HEX number. Got '],
  ])('refuses device %s and index %s', (device, index, message) => {
    expect(() => new StreamerSlug(device as SlugId, index as SlugId)).toThrow(new SlugError(message))
  })

  it('tells its device, its index, and its text without the letter', () => {
    const slug = new StreamerSlug(1, 2)
    expect(slug.getDevice()).toBe('d--0000-0000-0000-0001')
    expect(slug.getIndex()).toBe('0002')
    expect(slug.formattedId()).toBe('0000-0000-0000-0001--0002')
  })

  it('has no single number', () => {
    const message = 'Cannot call get_id() for IDs with more than one term'
    expect(() => new StreamerSlug(1, 2).getId()).toThrow(new SlugError(message))
  })
})
