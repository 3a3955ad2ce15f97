import { describe, expect, it } from 'vitest'
import { NOW_US, type ReadPoint, readLines } from './line-parser.fixture.ts'
import { LineParser } from './line-parser.ts'
import type { Precision } from './precision.ts'

const LIMITS = { textBytesMax: 65_536, rejectionsListedMax: 100 }

describe('line protocol parser', () => {
  it.each<[line: string, ...points: ReadPoint[]]>([
    ['m f=1 5', ['m/m.f', 5, 1]],
    ['m value=1 5', ['m/m', 5, 1]],
    ['m f=1', ['m/m.f', NOW_US, 1]],
    ['m f=1,g=2,h=3 5', ['m/m.f', 5, 1], ['m/m.g', 5, 2], ['m/m.h', 5, 3]],
    ['m f=1,f=2 5', ['m/m.f', 5, 1], ['m/m.f', 5, 2]],
    ['cpu,host=a usage=1 5', ['a/cpu.usage', 5, 1]],
    ['cpu,cpu=cpu0,host=a usage_idle=1 5', ['a/cpu.usage_idle{cpu=cpu0}', 5, 1]],
    ['cpu,host=a,zone=z,arch=x value=1 5', ['a/cpu{arch=x,zone=z}', 5, 1]],
    ['cpu,zone=z value=1 5', ['cpu/cpu{zone=z}', 5, 1]],
    ['m,topic=t,id=i,host=h,device_id=di,device=d f=1 5', ['d/m.f{device_id=di,host=h,id=i,topic=t}', 5, 1]],
    ['m,topic=t,id=i,host=h,device_id=di f=1 5', ['di/m.f{host=h,id=i,topic=t}', 5, 1]],
    ['m,topic=t,id=i,host=h f=1 5', ['h/m.f{id=i,topic=t}', 5, 1]],
    ['m,topic=t,id=i f=1 5', ['i/m.f{topic=t}', 5, 1]],
    ['m,topic=a/b f=1 5', ['a/b/m.f', 5, 1]],
    ['m,host=a,host=b f=1 5', ['b/m.f', 5, 1]],
    ['my\\ m\\,x,ho\\=st=a\\ b f\\ g=1 5', ['my m,x/my m,x.f g{ho\\=st=a b}', 5, 1]],
    ['m,k=a\\,b\\=c f=1 5', ['m/m.f{k=a\\,b\\=c}', 5, 1]],
    ['C:\\temp,k=\\n f\\x=1 5', ['C:\\temp/C:\\temp.f\\x{k=\\n}', 5, 1]],
    ['m\\=x f=1 5', ['m=x/m=x.f', 5, 1]],
    ['m=x f=1 5', ['m=x/m=x.f', 5, 1]],
    ['m,k=a=b f=1 5', ['m/m.f{k=a\\=b}', 5, 1]],
    ['größe,host=süd höhe=1 5', ['süd/größe.höhe', 5, 1]],
    ['m   f=1   5   ', ['m/m.f', 5, 1]],
    ['  \t m f=1 5', ['m/m.f', 5, 1]],
    ['m f=1 5\r', ['m/m.f', 5, 1]],
    ['m f=1\r', ['m/m.f', NOW_US, 1]],
    ['"m",k="v" "f"=1 5', ['"m"/"m"."f"{k="v"}', 5, 1]],
    [''],
    ['   '],
    ['\r'],
    ['# m f=1 5'],
    ['  # m f="1'],
  ])('reads %j', (line, ...points) => {
    expect(readLines(line)).toMatchObject({ points, rejectedCount: 0 })
    expect(readLines(`${line}\n`)).toMatchObject({ points, rejectedCount: 0 })
    expect(readLines(`\n${line}\r\n`)).toMatchObject({ points, rejectedCount: 0 })
  })

  it.each<[text: string, value: number | string]>([
    ['1', 1],
    ['-1', -1],
    ['+1', 1],
    ['0', 0],
    ['-0', -0],
    ['-0.0', -0],
    ['-0i', 0],
    ['12.34', 12.34],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['5.', 5],
    ['007', 7],
    ['1e3', 1000],
    ['1.5E-3', 0.0015],
    ['1e+3', 1000],
    ['0.1', 0.1],
    ['0.3', 0.3],
    ['123456789012345', 123456789012345],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740992],
    ['0.12345678901234567', 0.12345678901234566],
    ['33.333333333333336', 33.333333333333336],
    ['0.0000000000000000000001', 1e-22],
    ['0.00000000000000000000001', 1e-23],
    ['1.7976931348623157e308', 1.7976931348623157e308],
    ['4.9e-324', 5e-324],
    ['1e-400', 0],
    ['1i', 1],
    ['-17i', -17],
    ['+17i', 17],
    ['1u', 1],
    ['0u', 0],
    ['9007199254740991i', 9007199254740991],
    ['1152921504606846976i', 2 ** 60],
    ['18446744073709551615u', 2 ** 64],
    ['-9223372036854775808i', -(2 ** 63)],
    ['00000000000000000000000000001i', 1],
    ['t', 1],
    ['T', 1],
    ['true', 1],
    ['True', 1],
    ['TRUE', 1],
    ['f', 0],
    ['F', 0],
    ['false', 0],
    ['False', 0],
    ['FALSE', 0],
    ['""', ''],
    ['"a b, c=d"', 'a b, c=d'],
    ['"say \\"hi\\""', 'say "hi"'],
    ['"C:\\\\temp\\n"', 'C:\\temp\\n'],
    ['"\\\\"', '\\'],
    ['"# no comment"', '# no comment'],
    ['"größe °C 😀"', 'größe °C 😀'],
    ['"line 1\nline 2"', 'line 1\nline 2'],
    ['"m f=1\nm g=2\n"', 'm f=1\nm g=2\n'],
  ])('reads the value %j', (text, value) => {
    expect(readLines(`m f=${text} 5`).points).toEqual([['m/m.f', 5, value]])
    expect(readLines(`m f=${text}`).points).toEqual([['m/m.f', NOW_US, value]])
    expect(readLines(`m f=${text},g=2 5\nm h=3 6`).points).toEqual([
      ['m/m.f', 5, value],
      ['m/m.g', 5, 2],
      ['m/m.h', 6, 3],
    ])
  })

  const BAD_LINES: [line: string, reason: RegExp][] = [
    ['m', /There is no field/],
    ['m ', /field has no name/],
    ['m,host=a', /There is no field/],
    ['m  5', /field "5" has no value/],
    ['m f 5', /field "f" has no value/],
    ['m f= 5', /"" is no value/],
    ['m f=', /"" is no value/],
    ['m =1 5', /field has no name/],
    ['m f=1, 5', /field has no name/],
    ['m f=1,,g=2 5', /field has no name/],
    [',host=a f=1 5', /measurement is missing/],
    ['m,host f=1 5', /"host" is no tag/],
    ['m,host= f=1 5', /"host=" is no tag/],
    ['m,=a f=1 5', /"=a" is no tag/],
    ['m, f=1 5', /"" is no tag/],
    ['m,host=a,,b=c f=1 5', /"" is no tag/],
    ['m,host=a\\ f=1 5', /field "5" has no value/],
    ['m f=abc 5', /"abc" is no value; a text has quotation marks/],
    ['m f=NaN 5', /"NaN" is no value/],
    ['m f=-Inf 5', /"-Inf" is no value/],
    ['m f=1e400 5', /too large/],
    ['m f=. 5', /"." is no value/],
    ['m f=- 5', /"-" is no value/],
    ['m f=1.5i 5', /"1.5i" is no value/],
    ['m f=1e3i 5', /is no value/],
    ['m f=i 5', /"i" is no value/],
    ['m f=1x 5', /"1x" is no value/],
    ['m f=0x1f 5', /is no value/],
    ['m f=1_000 5', /is no value/],
    ['m f=--1 5', /is no value/],
    ['m f=tRUE 5', /is no value/],
    ['m f=9223372036854775808i 5', /outside of 64 bits/],
    ['m f=-9223372036854775809i 5', /outside of 64 bits/],
    ['m f=18446744073709551616u 5', /outside of 64 bits/],
    ['m f=-1u 5', /outside of 64 bits/],
    [`m f=${'9'.repeat(10_000)}i 5`, /outside of 64 bits/],
    ['m f="abc 5', /closing quotation mark/],
    ['m f="abc"x 5', /closing quotation mark, or more behind it/],
    ['m f=a"b" 5', /is no value/],
    ['m f=1 abc', /time is no whole number: "abc"/],
    ['m f=1 1.5', /time is no whole number/],
    ['m f=1 1e9', /time is no whole number/],
    ['m f=1 -', /time is no whole number/],
    ['m f=1 5 6', /something behind the time/],
    ['m f=1 9007199254740992', /outside of what can be stored/],
    ['m f=1 -9007199254740992', /outside of what can be stored/],
    [`m f=1 ${'9'.repeat(400)}`, /outside of what can be stored/],
    [`m f="${'x'.repeat(65_537)}" 5`, /longer than 65536 bytes/],
    [`m f="${'ü'.repeat(32_769)}" 5`, /longer than 65536 bytes/],
    [`m f="${'x'.repeat(600_000)}" 5`, /line is longer than 524288 bytes/],
    [`m,k=${'x'.repeat(4_096)} f=1 5`, /tags are longer than 4096 bytes/],
    [`m ${'f=1,'.repeat(10_000)}f=1 5`, /more than 10000 fields/],
    [`m f=${'1'.repeat(500_000)}x 5`, /is no value/],
    [`m f=${'0'.repeat(500_000)}x 5`, /is no value/],
    [`m ${'f'.repeat(600_000)}=1 5`, /line is longer than 524288 bytes/],
    [`m f=${'1'.repeat(600_000)} 5`, /line is longer than 524288 bytes/],
    [`m f=1 ${' '.repeat(600_000)}5`, /line is longer than 524288 bytes/],
  ]
  it.each(BAD_LINES.map(([line, reason]) => ({ line, reason, title: line.slice(0, 60) })))(
    'rejects $title and reads its neighbours',
    ({ line, reason }) => {
      const { points, lines, rejected, rejectedCount } = readLines(`a f=1 5\n${line}\nb f=2 6\n`)
      expect(points).toEqual([
        ['a/a.f', 5, 1],
        ['b/b.f', 6, 2],
      ])
      expect(lines).toEqual([1, 3])
      expect(rejected).toEqual([{ line: 2, reason: expect.stringMatching(reason) }])
      expect(rejectedCount).toBe(1)
    },
  )

  it('takes texts and keys up to their limits', () => {
    const text = 'x'.repeat(65_536)
    expect(readLines(`m f="${text}" 5`).points).toEqual([['m/m.f', 5, text]])
    expect(readLines(`m f="${'\\"'.repeat(65_536)}" 5`).points).toEqual([['m/m.f', 5, '"'.repeat(65_536)]])
    expect(readLines(`m,k=${'x'.repeat(4_000)} f=1 5`).points.length).toBe(1)
    expect(readLines(`m ${'f=1,'.repeat(9_999)}f=1 5`).points.length).toBe(10_000)
  })

  it('leaves nothing of a line whose end is bad', () => {
    const body = 'm f="x",g=1,h=bad 5\nm f=2,g=3 6\nm f="y" now\n'
    expect(readLines(body)).toMatchObject({
      points: [
        ['m/m.f', 6, 2],
        ['m/m.g', 6, 3],
      ],
      rejected: [{ line: 1 }, { line: 3 }],
    })
  })

  it('counts the lines within texts', () => {
    const { lines, rejected } = readLines('m f="a\nb\nc" 5\nbad\n# "\nm f=1 5\n')
    expect(rejected).toMatchObject([{ line: 4 }])
    expect(lines).toEqual([1, 6])
  })

  it('does not take the rest of a text for lines, when the line that it stands on is bad', () => {
    const { points, rejected } = readLines('m a=bad,f="x\nm f=666 5\n",g=1 5\nm f=1 5\n')
    expect(points).toEqual([['m/m.f', 5, 1]])
    expect(rejected).toMatchObject([{ line: 1 }])
    expect(readLines(`m f="${'x'.repeat(70_000)}\nm f=666 5\n",g=1 5\nm f=1 5\n`).points).toEqual(points)
  })

  it('loses only its own line to a quotation mark too many', () => {
    const { points, rejected } = readLines('m a="x 5\nm f=1 5\nm f="y" 6\nm f="z 7\n')
    expect(points).toEqual([
      ['m/m.f', 5, 1],
      ['m/m.f', 6, 'y'],
    ])
    expect(rejected.map(({ line }) => line)).toEqual([1, 4])
  })

  it('tells apart keys of which one is the beginning of the other', () => {
    const lines = ['m f=1', 'mm f=1', 'm ff=1', 'm,a=b f=1', 'm f=1,ff=2', 'm ff=1,f=2', 'm\\  f=1']
    const { points } = readLines([...lines, ...lines, ...lines.toReversed()].join(' 5\n'))
    const names = lines.map((line) => readLines(line).points.map(([name]) => name))
    expect(points.map(([name]) => name)).toEqual([...names, ...names, ...names.toReversed()].flat())
  })

  it.each<[precision: Precision, time: string, timeUs: number]>([
    ['ns', '1777600000123456789', 1777600000123456],
    ['ns', '1', 0],
    ['ns', '0', 0],
    ['ns', '999', 0],
    ['ns', '1000', 1],
    ['ns', '-1', -1],
    ['ns', '-1000', -1],
    ['ns', '-1001', -2],
    ['ns', '-0', 0],
    ['ns', '9007199254740991999', Number.MAX_SAFE_INTEGER],
    ['us', '1777600000123456', 1777600000123456],
    ['us', '-5', -5],
    ['us', '000000000000000000000000000005', 5],
    ['ms', '1777600000123', 1777600000123000],
    ['s', '1777600000', 1777600000000000],
    ['s', '-1', -1_000_000],
    ['m', '29626666', 1777599960000000],
    ['h', '493777', 1777597200000000],
  ])('reads times in %s: %s', (precision, time, timeUs) => {
    expect(readLines(`m f=1 ${time}`, { precision }).points).toEqual([['m/m.f', timeUs, 1]])
  })

  it.each<[precision: Precision, time: string]>([
    ['ns', '9007199254740992000'],
    ['ms', '9007199254741'],
    ['s', '1777600000123'],
    ['h', '2501999793'],
  ])('rejects times beyond all dates in %s: %s', (precision, time) => {
    expect(readLines(`m f=1 ${time}`, { precision }).rejectedCount).toBe(1)
  })

  it('counts integers that no float64 is equal to', () => {
    expect(readLines('m a=9007199254740993i,b=9007199254740992i,c=9223372036854775807i 5').roundedCount).toBe(
      2,
    )
  })

  it('lists the first reasons and counts all', () => {
    const parser = new LineParser({ ...LIMITS, rejectionsListedMax: 2 })
    const { rejected, rejectedCount } = readLines('a\nb\nc\nd\n', {}, parser)
    expect(rejectedCount).toBe(4)
    expect(rejected.map(({ line }) => line)).toEqual([1, 2])
  })

  it('reads a large body in slices, and a body of many new series in smaller ones', () => {
    const body = (line: (i: number) => string) => Array.from({ length: 20_000 }, (_, i) => line(i)).join('\n')
    const known = readLines(body((i) => `m,host=a f=${i},g=${i} ${i}`))
    expect(known.points.length).toBe(40_000)
    expect(known.points.at(-1)).toEqual(['a/m.g', 19_999, 19_999])
    expect(known.sliceCount).toBeGreaterThan(1)
    const unknown = readLines(body((i) => `m,host=a${i} f=${i} ${i}`))
    expect(unknown.points.at(-1)).toEqual(['a19999/m.f', 19_999, 19_999])
    expect(unknown.sliceCount).toBeGreaterThan(10)
  })

  it('gives up a table that has become too large, and keeps on reading', () => {
    const parser = new LineParser(LIMITS)
    const before = parser.takeTable()
    const series = (round: number) => {
      return Array.from({ length: 500 }, (_, i) => `m,k=${round}x${i}${'x'.repeat(4_000)} f=${i} 5\n`).join(
        '',
      )
    }
    for (let round = 0; round < 17; round++) {
      expect(readLines(series(round), {}, parser).points.at(-1)?.[2]).toBe(499)
    }
    const after = parser.takeTable()
    expect(after).not.toBe(before)
    expect(after.keyBytes).toBeLessThan(before.keyBytes)
  })

  it('keeps two bodies apart that are read in turns', () => {
    const parser = new LineParser(LIMITS)
    const lines = (host: string) => {
      return Buffer.from(Array.from({ length: 20_000 }, (_, i) => `m,host=${host} f=${i} ${i}`).join('\n'))
    }
    const readers = ['a', 'b'].map((host) => {
      return parser.open(lines(host), { projectId: 1, precision: 's', nowUs: 0 })
    })
    const values: number[][] = [[], []]
    while (readers.some((reader) => !reader.isAtEnd)) {
      readers.forEach((reader, i) => {
        if (!reader.isAtEnd) values[i].push(...reader.read().values)
      })
    }
    expect(values[0]).toEqual(Array.from({ length: 20_000 }, (_, i) => i))
    expect(values[1]).toEqual(values[0])
  })
})
