import { describe, expect, it } from 'vitest'
import { InvalidError } from '../errors.ts'
import { type CsvLayout, readHeader } from './csv-columns.ts'

const LAYOUT: CsvLayout = { timeColumn: undefined, device: { name: 'boiler' }, columns: undefined }
const AT_SITE: Partial<CsvLayout> = { device: { column: 'site' } }

/** `time`, `device` and the variables by their positions. */
function read(header: string[], layout: Partial<CsvLayout>): string {
  const { time, device, variables } = readHeader(header, { ...LAYOUT, ...layout })
  return `${time} ${device ?? '-'} ${variables.map(({ index, name }) => `${index}:${name}`).join(' ')}`
}

describe('readHeader', () => {
  it.each<[header: string, layout: Partial<CsvLayout>, columns: string]>([
    ['time,a,b', {}, '0 - 1:a 2:b'],
    ['a,when,b', { timeColumn: 'when' }, '1 - 0:a 2:b'],
    ['time,site,a', AT_SITE, '0 1 2:a'],
    ['time,site,a', {}, '0 - 1:site 2:a'],
    ['time,a,b,c', { columns: ['c', 'a'] }, '0 - 3:c 1:a'],
    [',a,', { columns: ['a'] }, '0 - 1:a'],
    [',a', {}, '0 - 1:a'],
  ])('of %j with %j', (header, layout, columns) => {
    expect(read(header.split(','), layout)).toBe(columns)
  })

  it.each<[header: string, layout: Partial<CsvLayout>, reason: RegExp]>([
    ['time', {}, /no column of values; is the delimiter right/],
    ['time;a;b', {}, /no column of values/],
    ['time,a,b,a', {}, /two columns called "a"/],
    ['time,time', {}, /two columns called "time"/],
    ['time,a,', {}, /Column 3 has no name/],
    ['time,a', { timeColumn: 'Time' }, /^time_column: the header has no "Time", only: "time, a"/],
    ['time,a,', { timeColumn: '' }, /^time_column: the header has no ""/],
    ['time,a', AT_SITE, /^device_column: the header has no "site"/],
    ['site,a', AT_SITE, /^device_column: "site" holds the times/],
    ['time,a', { columns: ['a', 'b'] }, /^columns: the header has no "b"/],
    ['time,a', { columns: ['time'] }, /^columns: "time" holds the times/],
    ['time,site', { ...AT_SITE, columns: ['site'] }, /^columns: "site" holds the devices/],
    ['time,temp (\ufffdC)', {}, /not UTF-8/],
  ])('refuses %j with %j', (header, layout, reason) => {
    expect(() => read(header.split(','), layout)).toThrow(InvalidError)
    expect(() => read(header.split(','), layout)).toThrow(reason)
  })

  it('quotes no more of a long header than helps', () => {
    const header = ['time', 'x'.repeat(1_000)]
    expect(() => read(header, { timeColumn: 'when' })).toThrow(/^.{0,200}$/)
  })
})
