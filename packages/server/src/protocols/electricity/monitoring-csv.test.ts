import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type MonitoringRow, readMeterDate, readMonitoringCsv } from './monitoring-csv.ts'

const HEADER =
  'Date,Energy (kWh),Reactive energy (kVArh),Power (kW),Maximeter (kW),Reactive power (kVAr),Voltage (V),Intensity (A),Power factor (φ)'
const ROW = '1 Aug 2019 00:00:00,1.211,0.200,5.156,5.306,-8.382,121.955,53.003,0.857'
const VALUES = ['1.21100', '0.20000', '5.15600', '5.30600', '-8.38200', '121.95500', '53.00300', '0.85700']

async function read(text: string, chunkBytes = 7): Promise<MonitoringRow[]> {
  const bytes = Buffer.from(text)
  const chunks = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  return collect(Readable.from(chunks))
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<MonitoringRow[]> {
  const rows = []
  for await (const row of readMonitoringCsv(source)) rows.push(row)
  return rows
}

describe('readMonitoringCsv', () => {
  it('reads dates and exact decimals with the line in the file', async () => {
    expect(await read(`${HEADER}\n${ROW}\n30 Nov 2019 23:45:00,2,,,,,,,-0.1\n`)).toEqual([
      { line: 2, date: '2019-08-01 00:00:00', values: VALUES },
      {
        line: 3,
        date: '2019-11-30 23:45:00',
        values: ['2.00000', null, null, null, null, null, null, '-0.10000'],
      },
    ])
  })

  it('takes a byte order mark, Windows line ends, quoted and padded cells, and blank lines at the end', async () => {
    const row = '"1 Aug 2019 00:00:00", 1.211 ,0.200,5.156,5.306,-8.382,121.955,53.003,0.857'
    const rows = await read(`\ufeff${HEADER}\r\n${row}\r\n\r\n\r\n`)
    expect(rows).toEqual([{ line: 2, date: '2019-08-01 00:00:00', values: VALUES }])
  })

  it('counts blank lines as lines of the file', async () => {
    const rows = await read(`${HEADER}\n${ROW}\n\n\n${ROW}`)
    expect(rows.map((row) => row.line)).toEqual([2, 5])
  })

  it('finds no rows in a header alone', async () => {
    expect(await read(HEADER)).toEqual([])
  })

  const format = 'Could not insert the values of row 1: The csv format does not match with the expected one'
  const long = 'x'.repeat(50)
  it.each([
    ['an empty file', '', format],
    ['a header of 8 columns', 'Date,a,b,c,d,e,f,g\n', format],
    ['a header of 10 columns', `${HEADER},more\n${ROW}`, format],
    [
      'too few columns',
      `${HEADER}\n${ROW}\n1 Aug 2019 00:15:00,1`,
      'row 3: it has 2 columns; there must be 9',
    ],
    ['too many columns', `${HEADER}\n${ROW},1`, 'row 2: it has 10 columns; there must be 9'],
    [
      'an unknown month',
      `${HEADER}\n1 Ago 2019 00:00:00,,,,,,,,`,
      'row 2: "1 Ago 2019 00:00:00" is not a date',
    ],
    ['an empty date', `${HEADER}\n,,,,,,,,`, 'row 2: "" is not a date such as 1 Aug 2019 00:00:00'],
    [
      'a bad number',
      `${HEADER}\n${ROW}\n1 Aug 2019 00:15:00,,,,1e3,,,,`,
      'row 3: maximeter is "1e3"; it is not a decimal number',
    ],
    [
      'a number out of range',
      `${HEADER}\n1 Aug 2019 00:15:00,,,,,,,,12345678901`,
      'row 2: power_factor is "12345678901"; it has more than 10 digits',
    ],
    [
      'SQL',
      `${HEADER}\n1 Aug 2019 00:15:00,1);--,,,,,,,`,
      'row 2: energy is "1);--"; it is not a decimal number',
    ],
    [
      'a long cell, which it cuts',
      `${HEADER}\n1 Aug 2019 00:00:00,${long},,,,,,,`,
      `energy is "${long.slice(0, 40)}…"; it is not`,
    ],
    ['an open quotation', `${HEADER}\n${ROW}\n"1 Aug`, 'row 3: a quotation mark is out of place'],
    ['a stray quotation mark', `${HEADER}\n1 "Aug"`, 'row 2: a quotation mark is out of place'],
    ['a line without end', `${HEADER}\n${'9'.repeat(10_000)}`, 'row 2: it is longer than 8192 bytes'],
  ])('refuses %s', async (_, text, message) => {
    await expect(read(text, 100)).rejects.toThrow(message)
  })

  it('passes on the failure of its source', async () => {
    const lost = new TypeError('connection lost')
    async function* source() {
      yield Buffer.from(`${HEADER}\n${ROW}\n`)
      throw lost
    }
    await expect(collect(source())).rejects.toBe(lost)
  })

  it('closes its source when the reader stops early', async () => {
    let closed = false
    async function* source() {
      try {
        yield Buffer.from(`${HEADER}\n`)
        for (;;) yield Buffer.from(`${ROW}\n`)
      } finally {
        closed = true
      }
    }
    for await (const row of readMonitoringCsv(source())) if (row.line === 5) break
    await expect.poll(() => closed).toBe(true)
  })
})

describe('readMeterDate', () => {
  it.each([
    ['1 Aug 2019 00:15:00', '2019-08-01 00:15:00'],
    ['01 aug 2019 00:15:00', '2019-08-01 00:15:00'],
    ['29 Feb 2020 23:59:59', '2020-02-29 23:59:59'],
    ['31 DEC 0099 00:00:00', '0099-12-31 00:00:00'],
  ])('reads %s', (text, expected) => {
    expect(readMeterDate(text)).toBe(expected)
  })

  it.each([
    '29 Feb 2019 00:00:00',
    '31 Nov 2019 00:00:00',
    '0 Aug 2019 00:00:00',
    '1 Aug 2019 24:00:00',
    '1 Aug 2019 00:60:00',
    '1 Aug 2019 00:00:60',
    '1 Aug 2019 0:00:00',
    '1 August 2019 00:00:00',
    '1 Aug 19 00:00:00',
    '1 Aug 0000 00:00:00',
    '2019-08-01 00:00:00',
    '1 Aug 2019',
    '',
  ])('finds no date in %j', (text) => {
    expect(readMeterDate(text)).toBeUndefined()
  })
})
