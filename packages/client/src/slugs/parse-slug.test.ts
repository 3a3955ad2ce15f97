import { describe, expect, it } from 'vitest'
import { canonicalSlug, type ParsedSlug, parseSlug } from './parse-slug.ts'

describe('parseSlug', () => {
  it.each<[string, ParsedSlug]>([
    ['p--0000-0077', { kind: 'project', project: 0x77 }],
    ['p--77', { kind: 'project', project: 0x77 }],
    ['p--ffff-ffff', { kind: 'project', project: 2 ** 32 - 1 }],
    ['d--00d2', { kind: 'device', device: 210 }],
    ['d--0000-ffff-ffff-ffff', { kind: 'device', device: 2 ** 48 - 1 }],
    ['d--0001-0000-0000-04e7', { kind: 'block', block: 1, device: 0x4e7 }],
    ['b--0001-0000-0000-04e7', { kind: 'block', block: 1, device: 0x4e7 }],
    ['b--0000-0000-0000-04e7', { kind: 'block', block: 0, device: 0x4e7 }],
    ['g--0001', { kind: 'fleet', fleet: 1 }],
    ['t--000a--0001', { kind: 'streamer', device: 10, index: 1 }],
    ['v--0077--5001', { kind: 'variable', project: 0x77, lid: 0x5001 }],
    ['s--0077--00d2--5001', { kind: 'stream', project: 0x77, block: 0, device: 210, lid: 0x5001 }],
    ['s----00D2--5C00', { kind: 'stream', project: 0, block: 0, device: 210, lid: 0x5c00 }],
    ['s--0077----5001', { kind: 'stream', project: 0x77, block: 0, device: 0, lid: 0x5001 }],
    ['s--0--1-0000-0000-04e7--1', { kind: 'stream', project: 0, block: 1, device: 0x4e7, lid: 1 }],
  ])('reads %s', (text, slug) => {
    expect(parseSlug(text)).toEqual(slug)
  })

  it.each([
    '',
    'p',
    'p--',
    '0005',
    'P--0005',
    'z--0000-0001',
    'constructor--1',
    'p--0001--0002',
    'p--1-0000-0000',
    'd--1-2',
    'd--zzzz',
    'd--1-0000-0000-0000-0000',
    'd---0001',
    'b--0001',
    'b--0000-0000-0000-0000',
    'b--0000-0001-0000-0000-0001',
    'g--1-0000-0000-0000',
    't--0001',
    't--1-0000-0000-0000--0001',
    't--0001--1-0000',
    'v--5001',
    'v----5001',
    'v--0001--1-0000',
    's--0001--0002',
    's--0001--0002--',
    's--0001--0002--0003--0004',
    's--0077--00d2--5001 ',
    's--0077--00d2--5001\n',
    "s--0077--00d2--5001' or 1=1",
  ])('finds no slug in %j', (text) => {
    expect(parseSlug(text)).toBeUndefined()
  })

  it.each([
    ['dashes', '--'.repeat(1_000_000)],
    ['digits', `d--${'0'.repeat(1_000_000)}g`],
    ['groups', `d--${'0000-'.repeat(1_000_000)}`],
  ])('finds no slug in a million %s', (_, text) => {
    expect(parseSlug(text)).toBeUndefined()
  })
})

describe('canonicalSlug', () => {
  it.each([
    ['d--00d2', 'd--0000-0000-0000-00d2'],
    ['d--0001-0000-0000-04E7', 'b--0001-0000-0000-04e7'],
    ['s--0077--00d2--5001', 's--0000-0077--0000-0000-0000-00d2--5001'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalSlug(text)).toBe(canonical)
  })

  it('leaves undefined what is no slug', () => {
    expect(canonicalSlug('device 5')).toBeUndefined()
  })
})
