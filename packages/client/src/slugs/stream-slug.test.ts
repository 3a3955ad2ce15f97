import { describe, expect, it } from 'vitest'
import { SlugError } from '../errors.ts'
import { BlockSlug } from './block-slug.ts'
import { DeviceSlug } from './device-slug.ts'
import { ProjectSlug } from './project-slug.ts'
import { StreamSlug } from './stream-slug.ts'
import { VariableSlug } from './variable-slug.ts'

const FORMAT = 'Stream slug must have three terms: s--<prj>--<dev>--<var>'
const PROJECT_RANGE = 'IOTileProjectSlug: UUID should be greater or equal than zero and less than 16^8'
const DEVICE_RANGE = 'IOTileDeviceSlug: UUID should be greater or equal than zero and less than 16^12'
const VARIABLE_RANGE = 'IOTileVariableSlug: UUID should be greater than zero'

describe('StreamSlug', () => {
  it.each([
    ['s--0000-0001--0000-0000-0000-0002--0003', 's--0000-0001--0000-0000-0000-0002--0003'],
    ['s----0000-0000-0000-0002--0003', 's--0000-0000--0000-0000-0000-0002--0003'],
    ['s--0001----0003', 's--0000-0001--0000-0000-0000-0000--0003'],
    ['s--0077--00D2--5001', 's--0000-0077--0000-0000-0000-00d2--5001'],
    ['s--1--2--3', 's--0000-0001--0000-0000-0000-0002--0003'],
    ['s--0000-0000--0001-0000-0000-04e7--5001', 's--0000-0000--0001-0000-0000-04e7--5001'],
  ])('reads %s as %s', (id, text) => {
    expect(new StreamSlug(id).toString()).toBe(text)
  })

  it.each<[unknown, string]>([
    ['s--0001', FORMAT],
    ['s--0001--0002', FORMAT],
    ['s--0001--0002--0003--0004', FORMAT],
    ['', FORMAT],
    ['x--0001--0002--0003', 'IOTileStreamSlug: must start with a "s"'],
    ['s--zz--0002--0003', 'Expected HEX number. Got zz'],
    ['s--0001--0002--', 'Expected HEX number. Got '],
    ['s--1-0000-0000--0002--0003', PROJECT_RANGE],
    ['s--0001--1-0000-0000-0000-0000--0003', DEVICE_RANGE],
    ['s--0001--0002--1-0000', VARIABLE_RANGE],
    [5, 'Variable ID must be int or str'],
    [null, 'Variable ID must be int or str'],
  ])('refuses %s', (id, message) => {
    expect(() => new StreamSlug(id as string)).toThrow(new SlugError(message))
  })

  it.each([
    ['s--0001--0002--0003', 'p--0000-0001', 'd--0000-0000-0000-0002', 'v--0000-0001--0003'],
    ['s--0001--0001-0000-0000-0002--5001', 'p--0000-0001', 'd--0001-0000-0000-0002', 'v--0000-0001--5001'],
  ])('takes %s apart', (id, project, device, variable) => {
    expect(new StreamSlug(id).getParts()).toEqual({ project, device, variable })
  })

  it('copies another one', () => {
    const copy = new StreamSlug(new StreamSlug('s--0001--0002--0003'))
    expect(copy.formattedId()).toBe('0000-0001--0000-0000-0000-0002--0003')
    expect(copy.getParts().project).toBe('p--0000-0001')
  })

  it('has no single number', () => {
    const message = 'Cannot call get_id() for IDs with more than one term'
    expect(() => new StreamSlug('s--0001--0002--0003').getId()).toThrow(new SlugError(message))
  })
})

type Parts = Parameters<typeof StreamSlug.fromParts>

describe('StreamSlug.fromParts', () => {
  it.each<[...Parts, string]>([
    [5, 10, new VariableSlug('5001', 5), 's--0000-0005--0000-0000-0000-000a--5001'],
    [5n, 10n, 0x5001, 's--0000-0005--0000-0000-0000-000a--5001'],
    [0, 1, '5002', 's--0000-0000--0000-0000-0000-0001--5002'],
    [null, 1, '5002', 's--0000-0000--0000-0000-0000-0001--5002'],
    [undefined, 1, '5002', 's--0000-0000--0000-0000-0000-0001--5002'],
    ['', 1, '5002', 's--0000-0000--0000-0000-0000-0001--5002'],
    [5, 0, '5001', 's--0000-0005--0000-0000-0000-0000--5001'],
    [5, null, '5001', 's--0000-0005--0000-0000-0000-0000--5001'],
    [5, undefined, '5001', 's--0000-0005--0000-0000-0000-0000--5001'],
    [5, '', '5001', 's--0000-0005--0000-0000-0000-0000--5001'],
    ['p--0006', 'd--0100', 'v--0006--5002', 's--0000-0006--0000-0000-0000-0100--5002'],
    [
      'p--0000-0006',
      'd--0000-0000-0000-0100',
      'v--0000-0006--5002',
      's--0000-0006--0000-0000-0000-0100--5002',
    ],
    [7, 1, 'v--0000-0006--5002', 's--0000-0007--0000-0000-0000-0001--5002'],
    [7, 'b--0001-0000-0000-0001', '5002', 's--0000-0007--0001-0000-0000-0001--5002'],
    [7, 'd--0001-0000-0000-0001', '5002', 's--0000-0007--0001-0000-0000-0001--5002'],
    [new ProjectSlug(7), new BlockSlug(1, 1), '5002', 's--0000-0007--0001-0000-0000-0001--5002'],
    [new ProjectSlug(7), new DeviceSlug(1), '5002', 's--0000-0007--0000-0000-0000-0001--5002'],
  ])('puts project %s, device %s and variable %s together as %s', (project, device, variable, text) => {
    expect(StreamSlug.fromParts(project, device, variable).toString()).toBe(text)
  })

  it.each<[...Parts, string]>([
    [-1, 1, '5001', PROJECT_RANGE],
    [5, -1, '5001', DEVICE_RANGE],
    [5, 1, -1, VARIABLE_RANGE],
    [5, 1, 0, VARIABLE_RANGE],
    [5, 1, '', 'Expected HEX number. Got '],
    [Number.NaN, 1, '5001', 'IOTileProjectSlug: must be an int or str'],
    [5, Number.NaN, '5001', 'IOTileDeviceSlug: must be an int or str'],
    [5, 'b--0001', '5001', 'IOTileBlockSlug: Expected format: b--xxxx-xxxx-xxxx-xxxx'],
  ])('refuses project %s, device %s and variable %s', (project, device, variable, message) => {
    expect(() => StreamSlug.fromParts(project, device, variable)).toThrow(new SlugError(message))
  })

  it('puts together again what getParts took apart', () => {
    const text = 's--0000-0007--0001-0000-0000-0001--5002'
    const { project, device, variable } = new StreamSlug(text).getParts()
    expect(StreamSlug.fromParts(project, device, variable).toString()).toBe(text)
  })
})
