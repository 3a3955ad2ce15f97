import { describe, expect, it } from 'vitest'
import { InvalidError } from '../errors.ts'
import { formatIsoUs } from '../model/time.ts'
import { compileTimePattern } from './csv-time-pattern.ts'

function read(pattern: string, text: string): string | undefined {
  const timeUs = compileTimePattern(pattern)(text)
  return timeUs === undefined ? undefined : formatIsoUs(timeUs)
}

describe('a time pattern', () => {
  it.each<[pattern: string, text: string, time: string]>([
    ['D MMM YYYY HH:mm:ss', '1 Aug 2019 00:15:00', '2019-08-01T00:15:00Z'],
    ['D MMM YYYY HH:mm:ss', '30  NOV 2019 23:45:59', '2019-11-30T23:45:59Z'],
    ['DD/MM/YYYY', '09/02/2024', '2024-02-09T00:00:00Z'],
    ['M/D/YY H:mm', '2/9/24 7:05', '2024-02-09T07:05:00Z'],
    ['DD.MM.YY', '31.12.69', '2069-12-31T00:00:00Z'],
    ['DD.MM.YY', '01.01.70', '1970-01-01T00:00:00Z'],
    ['YYYYMMDDHHmmss', '20240229235958', '2024-02-29T23:59:58Z'],
    ['YYYY-MM-DD HH:mm:ss.SSS', '2024-02-29 12:00:00.125', '2024-02-29T12:00:00.125000Z'],
    ['YYYY-MM-DD HH:mm:ss,SSSSSSSS', '2024-02-29 12:00:00,12345678', '2024-02-29T12:00:00.123456Z'],
    ['YYYY-MM-DD H:mm A', '2024-02-29 12:00 AM', '2024-02-29T00:00:00Z'],
    ['YYYY-MM-DD h:mm a', '2024-02-29 12:00 pm', '2024-02-29T12:00:00Z'],
    ['YYYY-MM-DD hh:mma', '2024-02-29 01:30Pm', '2024-02-29T13:30:00Z'],
    ['[on] YYYY-MM-DD [at] H[h]', 'on 2024-02-29 at 7h', '2024-02-29T07:00:00Z'],
    ['YYYY-MM-DD (H+1)', '2024-02-29 (7+1)', '2024-02-29T07:00:00Z'],
    ['YYYY[年]MM[月]DD[日]', '2024年02月29日', '2024-02-29T00:00:00Z'],
  ])('%j reads %j', (pattern, text, time) => {
    expect(read(pattern, text)).toBe(time)
  })

  it.each<[pattern: string, text: string]>([
    ['D MMM YYYY', '1 August 2019'],
    ['D MMM YYYY', '1 Agu 2019'],
    ['D MMM YYYY', '01/08/2019'],
    ['DD/MM/YYYY', '9/2/2024'],
    ['DD/MM/YYYY', '30/02/2024'],
    ['DD/MM/YYYY', '29/02/2023'],
    ['DD/MM/YYYY', '00/02/2023'],
    ['DD/MM/YYYY', '01/13/2023'],
    ['DD/MM/YYYY', '01/00/2023'],
    ['DD/MM/YYYY', '01/01/0000'],
    ['DD/MM/YYYY', ' 01/01/2023'],
    ['DD/MM/YYYY', '01/01/2023x'],
    ['YYYY-MM-DD HH:mm', '2024-02-29 24:00'],
    ['YYYY-MM-DD HH:mm', '2024-02-29 12:60'],
    ['YYYY-MM-DD HH:mm:ss', '2024-02-29 12:00:60'],
    ['YYYY-MM-DD h:mm A', '2024-02-29 0:30 AM'],
    ['YYYY-MM-DD h:mm A', '2024-02-29 13:30 PM'],
    ['YYYY.MM.DD', '2024-02-29'],
  ])('%j does not take %j', (pattern, text) => {
    expect(read(pattern, text)).toBeUndefined()
  })

  it.each<[pattern: string, reason: RegExp]>([
    ['', /no whole date/],
    ['HH:mm', /no whole date/],
    ['MM-DD HH:mm', /no whole date/],
    ['YYYY YY MM DD', /no whole date/],
    ['YYYY-MM', /no whole date/],
    ['YYYY-MM-DD MM', /says the month twice/],
    ['YYYY-MM-DD H hh', /says the hour twice/],
    ['YYYY-MM-DD A', /no hour/],
    ['YYYY-MM-DDTHH:mm', /"T" in .* stands for nothing/],
    ['dd.mm.yyyy', /"d" in .* stands for nothing/],
    ['YYYY-MM-DD x'.repeat(10), /longer than 100/],
  ])('%j is refused', (pattern, reason) => {
    expect(() => compileTimePattern(pattern)).toThrow(InvalidError)
    expect(() => compileTimePattern(pattern)).toThrow(reason)
  })
})
