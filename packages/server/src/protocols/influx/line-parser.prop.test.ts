import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzzLineProtocol } from '../../../../../tests/fuzz/line-protocol.ts'
import { NOW_US, type ReadPoint, readLines } from './line-parser.fixture.ts'

/** A point as a sender has it in mind, before it is written down. */
interface Sent {
  readonly measurement: string
  readonly tags: readonly (readonly [name: string, value: string])[]
  readonly fields: readonly (readonly [name: string, value: Value])[]
  readonly timeUs: number | undefined
}

type Value =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'integer'; readonly value: number; readonly suffix: 'i' | 'u' }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly word: string }
  | { readonly kind: 'text'; readonly value: string }

/** No line ends, and no backslash at the end, where it would take the meaning from what follows. */
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => !/[\n\r\0]|\\$|^[#\t]|\\[,= ]/.test(text) && text.trim() !== '')
const tagName = fc.oneof(name, fc.constantFrom('host', 'id', 'device', 'region'))

const value: fc.Arbitrary<Value> = fc.oneof(
  fc
    .oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer().map((cents) => cents / 100),
    )
    .map((value) => ({ kind: 'float' as const, value })),
  fc.maxSafeInteger().map((value) => ({ kind: 'integer' as const, value: value + 0, suffix: 'i' as const })),
  fc.maxSafeNat().map((value) => ({ kind: 'integer' as const, value, suffix: 'u' as const })),
  fc
    .constantFrom('t', 'T', 'true', 'True', 'TRUE', 'f', 'F', 'false', 'False', 'FALSE')
    .map((word) => ({ kind: 'boolean' as const, value: /^t/i.test(word), word })),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((value) => ({ kind: 'text' as const, value })),
)

const sent: fc.Arbitrary<Sent> = fc.record({
  measurement: name,
  tags: fc.array(fc.tuple(tagName, name), { maxLength: 4 }),
  fields: fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 5 }),
  timeUs: fc.option(fc.maxSafeInteger(), { nil: undefined }),
})

function written({ measurement, tags, fields, timeUs }: Sent): string {
  const series = [escaped(measurement, /[, ]/g), ...tags.map((tag) => tag.map(escapedKey).join('='))]
  const values = fields.map(([name, value]) => `${escapedKey(name)}=${writtenValue(value)}`)
  return [series.join(','), values.join(','), ...(timeUs === undefined ? [] : [String(timeUs)])].join(' ')
}

function writtenValue(value: Value): string {
  switch (value.kind) {
    case 'float':
      return Object.is(value.value, -0) ? '-0' : String(value.value)
    case 'integer':
      return `${value.value}${value.suffix}`
    case 'boolean':
      return value.word
    case 'text':
      return `"${escaped(value.value, /["\\]/g)}"`
  }
}

function escapedKey(text: string): string {
  return escaped(text, /[,= ]/g)
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, '\\$&')
}

function expected({ measurement, tags, fields, timeUs }: Sent): ReadPoint[] {
  const tagsByName = new Map(tags)
  const deviceTag = ['device', 'device_id', 'host', 'id', 'topic'].find((tag) => tagsByName.has(tag))
  const others = [...tagsByName].filter(([name]) => name !== deviceTag)
  const braces = others
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((tag) => tag.map((text) => escaped(text, /[,=]/g)).join('='))
  const suffix = braces.length === 0 ? '' : `{${braces.join(',')}}`
  const device = deviceTag === undefined ? measurement : tagsByName.get(deviceTag)
  return fields.map(([name, { value }]) => {
    const variable = name === 'value' ? measurement : `${measurement}.${name}`
    const stored = typeof value === 'boolean' ? Number(value) : value
    return [`${device}/${variable}${suffix}`, timeUs ?? NOW_US, stored]
  })
}

/** Whatever stands on a line of its own and opens no text. */
const rubbish = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a && byte !== 0x22)))

describe('line protocol parser', () => {
  it('reads what was written, whether its keys are new or known', () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 8 }), (lines) => {
        const body = [...lines, ...lines].map(written).join('\n')
        const points = lines.flatMap(expected)
        expect(readLines(body)).toMatchObject({ points: [...points, ...points], rejectedCount: 0 })
      }),
      { numRuns: 300 },
    )
  })

  it('reads every float64 in every form to the bit', () => {
    // The largest ones round to infinity in fewer digits.
    const float = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e308, max: 1e308 })
    const digits = fc.nat({ max: 20 })
    fc.assert(
      fc.property(float, digits, (value, count) => {
        const texts = [String(value), value.toExponential(count), value.toFixed(count)]
        const { points } = readLines(texts.map((text) => `m f=${text} 5`).join('\n'))
        expect(points.map(([, , read]) => read)).toEqual(texts.map(Number))
      }),
      { numRuns: 500 },
    )
  })

  it('reads the good lines between bad ones, each with its number', () => {
    fc.assert(
      fc.property(fc.array(rubbish, { minLength: 1, maxLength: 10 }), (lines) => {
        const body = lines.flatMap((line, i) => [line, Buffer.from(`\nok,host=a f=${i} ${i}\n`)])
        const read = readLines(Buffer.concat(body))
        const good = read.points.flatMap(([name, timeUs, value], row) => {
          return name === 'a/ok.f' ? [[timeUs, value, read.lines[row]]] : []
        })
        expect(good).toEqual(lines.map((_, i) => [i, i, 2 * i + 2]))
      }),
      { numRuns: 300 },
    )
  })

  it('reads any bytes to their end, and the good lines between them', () => {
    expect(fuzzLineProtocol({ lineCount: 20_000, seed: 1 }).goodCount).toBeGreaterThan(2_000)
  })
})
