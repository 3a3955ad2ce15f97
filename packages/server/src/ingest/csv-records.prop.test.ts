import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CsvRecordReader } from './csv-records.ts'

function read(pieces: readonly string[]) {
  const reader = new CsvRecordReader(',')
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
}

/** Little else than what matters to the reader. */
const messy = fc.string({ unit: fc.constantFrom('"', '"', ',', '\n', '\r\n', 'a', ' '), maxLength: 40 })
/** A cell that survives trimming. */
const cell = fc
  .string({ unit: fc.constantFrom('"', ',', '\n', 'a', 'ü', ' ', ';'), maxLength: 8 })
  .map((text) => text.trim())
const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 })

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

describe('CsvRecordReader', () => {
  it('reads the same however the text is cut into pieces', () => {
    fc.assert(
      fc.property(messy, fc.array(fc.nat(40)), (text, cuts) => {
        const edges = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
        const pieces = edges.slice(1).map((edge, i) => text.slice(edges[i], edge))
        expect(read(pieces)).toEqual(read([text]))
      }),
    )
  })

  it('accounts for every line that is not empty, in order', () => {
    fc.assert(
      fc.property(messy, (text) => {
        const lines = read([text]).map(({ line }) => line)
        expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b))
        const firstFull = text.split('\n').findIndex((line) => /[^\s,"]/.test(line))
        if (firstFull >= 0) expect(lines.length).toBeGreaterThan(0)
      }),
    )
  })

  it('gives back what was written with quotation marks', () => {
    fc.assert(
      fc.property(rows, (rows) => {
        const text = rows.map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
        const kept = rows.filter((cells) => cells.some((cell) => cell !== ''))
        expect(read([text]).map((item) => ('cells' in item ? item.cells : item))).toEqual(kept)
      }),
    )
  })
})
