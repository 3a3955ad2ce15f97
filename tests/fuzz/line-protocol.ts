/**
 * Throws random and mutated line protocol at the parser: `node tests/fuzz/line-protocol.ts [lines] [seed]`.
 * Whatever the bytes are, reading ends, rows are whole, what was read is the same whether the keys were met
 * before, and good lines between bad ones are read.
 *
 * A text may have line ends in it, so a good line that stands between two quotation marks may be part of a
 * text; all others have to be found.
 */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_LIMITS } from '../../packages/server/src/config.ts'
import { LineParser } from '../../packages/server/src/protocols/influx/line-parser.ts'
import type { LineSlice } from '../../packages/server/src/protocols/influx/line-slice.ts'
import { type Random, seededRandom } from '../seeded.ts'

export interface FuzzOptions {
  /** At least; a body is finished once it is begun. */
  readonly lineCount: number
  readonly seed: number
  /** Hears of every million lines. */
  readonly onMillion?: (line: string) => void
}

export interface FuzzOutcome {
  readonly bodyCount: number
  readonly lineCount: number
  readonly rowCount: number
  readonly rejectedCount: number
  /** Good lines that had to be found, and were. */
  readonly goodCount: number
  readonly slowestBodyMs: number
}

const SEEDS = [
  'cpu,host=a,region=eu usage_idle=99.5,usage_user=0.25 1777600000000000000\n',
  'weather,station=north temperature=-3.5,wind=12i,gusty=t,note="cold\\" day" 1777600000000000000\n',
  'm f="a\nb",g=18446744073709551615u\nm f=1e10,g=.5,h=5. -12\n',
  '# comment\n\n\r\nmy\\ m,ta\\=g=va\\,lue fi\\ eld=FALSE 5\r\n',
]
const PIECES = [
  '"',
  '\\',
  ',',
  '=',
  ' ',
  '\n',
  '\r',
  '#',
  '="',
  '",',
  '\\"',
  'i',
  'e',
  '-',
  '.',
  '9999999999',
  '\0',
  '\xff',
]
const MUTATIONS_MAX = 12
const PARTS_MAX = 6
/** One body in so many is read in several slices. */
const LONG_EVERY = 1_000
const LONG_PARTS = 2_500
/** One body in so many is a few pieces over and over: what would take long if time grew with the square. */
const REPEATED_EVERY = 2_000
const REPEATED_PIECES_MAX = 8
const REPEATED_BYTES = 256 * 1_024
/** One part in so many is random bytes, of these at most; the others are mutated lines. */
const RANDOM_EVERY = 4
const RANDOM_BYTES_MAX = 200
/** Random bytes are mostly such as line protocol is made of. */
const USUAL_BYTES = Buffer.from('mf=,1 2"\\\n.ei-#t')

const QUOTE = 0x22
const NEWLINE = 0x0a
/** Numbers of good lines; no other value is as large and whole by chance. */
const GOOD_FIRST = 7_000_000_000_000
const GOOD = Buffer.from('good v=')
const MILLION = 1_000_000

export function fuzzLineProtocol({ lineCount, seed, onMillion }: FuzzOptions): FuzzOutcome {
  const random = seededRandom(seed)
  const parser = new LineParser({ ...DEFAULT_LIMITS, textBytesMax: 64 })
  const bodies = new BodyMaker(random)
  const counts = { bodyCount: 0, lineCount: 0, rowCount: 0, rejectedCount: 0, goodCount: 0 }
  let slowestBodyMs = 0
  let millionAtMs = performance.now()
  while (counts.lineCount < lineCount) {
    const body = bodies.make()
    const startMs = performance.now()
    try {
      fuzzBody(parser, body, counts)
    } catch (error) {
      const path = join(tmpdir(), `sonde-fuzz-${seed}.txt`)
      writeFileSync(path, body)
      const [reason] = String(error).split('\n', 1)
      throw new Error(`seed ${seed}: ${reason}; the body is in ${path}`)
    }
    const endMs = performance.now()
    slowestBodyMs = Math.max(slowestBodyMs, endMs - startMs)
    const millions = Math.floor(counts.lineCount / MILLION)
    counts.bodyCount++
    counts.lineCount += countOf(body, NEWLINE) + 1
    if (Math.floor(counts.lineCount / MILLION) === millions) continue
    onMillion?.(`${millions + 1} million lines; ${Math.round(endMs - millionAtMs)} ms for the last one`)
    millionAtMs = endMs
  }
  return { ...counts, slowestBodyMs }
}

type Row = readonly [key: string, timeUs: number, value: number | string, line: number]

interface ReadBody {
  readonly rows: readonly Row[]
  readonly rejectedCount: number
}

function fuzzBody(
  parser: LineParser,
  body: Buffer,
  counts: { rowCount: number; rejectedCount: number; goodCount: number },
): void {
  const read = readAll(parser, body)
  assert.deepEqual(readAll(parser, body), read, 'keys that are known make no difference')
  counts.rowCount += read.rows.length
  counts.rejectedCount += read.rejectedCount
  const found = new Map(read.rows.map((row) => [row[2], row] as const))
  for (const { line, number } of goodLines(body)) {
    const row = found.get(number)
    assert.deepEqual(row?.slice(1), [number, number, line], `good line ${number} is read`)
    counts.goodCount++
  }
}

function readAll(parser: LineParser, body: Buffer): ReadBody {
  const reader = parser.open(body, { projectId: 1, precision: 'ns', nowUs: 5 })
  const lineCount = countOf(body, NEWLINE) + 1
  const rows: Row[] = []
  let rejectedCount = 0
  for (let sliceCount = 1; !reader.isAtEnd; sliceCount++) {
    assert(sliceCount <= lineCount, 'every slice takes a line at least')
    const slice = reader.read()
    check(slice, lineCount)
    const { table, fields, timesUs, values, texts, lines } = slice
    for (const [row, field] of fields.entries()) {
      const key = [table.parent(field), field].map((key) => table.bytesOf(key).join(' ')).join()
      rows.push([key, timesUs[row], texts.get(row) ?? values[row], lines[row]])
    }
    rejectedCount += slice.rejectedCount
  }
  return { rows, rejectedCount }
}

function check(
  { table, fields, timesUs, values, texts, lines, rejected }: LineSlice,
  lineCount: number,
): void {
  for (const [row, field] of fields.entries()) {
    assert(Number.isSafeInteger(timesUs[row]))
    assert(texts.has(row) ? Number.isNaN(values[row]) : Number.isFinite(values[row]))
    assert(lines[row] >= 1 && lines[row] <= lineCount)
    assert(table.bytesOf(field).length > 0 && table.bytesOf(table.parent(field)).length > 0)
  }
  for (const row of texts.keys()) assert(row < fields.length)
  for (const { line, reason } of rejected) assert(reason !== '' && line >= 1 && line <= lineCount)
}

interface GoodLine {
  readonly number: number
  /** From 1. */
  readonly line: number
}

/** Good lines that no text can be around. */
export function* goodLines(body: Buffer): Generator<GoodLine> {
  const firstQuote = body.indexOf(QUOTE)
  const lastQuote = body.lastIndexOf(QUOTE)
  let line = 1
  let start = 0
  for (let end = body.indexOf(NEWLINE); end >= 0; end = body.indexOf(NEWLINE, start)) {
    const isGood = body.subarray(start, start + GOOD.length).equals(GOOD)
    const isBetweenQuotes = firstQuote >= 0 && firstQuote < start && lastQuote > start
    if (isGood && !isBetweenQuotes) {
      yield { number: Number.parseInt(body.toString('latin1', start + GOOD.length, end), 10), line }
    }
    line++
    start = end + 1
  }
}

export class BodyMaker {
  readonly #random: Random
  #goodCount = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Bad lines, most of them, and good ones between them. */
  make(): Buffer {
    const random = this.#random
    if (random.below(REPEATED_EVERY) === 0) return repeatedPieces(random)
    const hasQuotes = random.next() < 0.5
    const parts: Buffer[] = []
    const partCount = random.below(LONG_EVERY) === 0 ? LONG_PARTS : 1 + random.below(PARTS_MAX)
    for (let left = partCount; left > 0; left--) {
      const part = random.below(RANDOM_EVERY) === 0 ? randomBytes(random) : mutatedLine(random)
      parts.push(hasQuotes ? part : withoutQuotes(part))
      if (random.next() < 0.5) parts.push(this.#goodLine())
    }
    return Buffer.concat(parts)
  }

  #goodLine(): Buffer {
    const number = GOOD_FIRST + this.#goodCount++
    return Buffer.from(`\n${GOOD}${number} ${number}000\n`)
  }
}

function randomBytes(random: Random): Buffer {
  const bytes = Buffer.alloc(random.below(RANDOM_BYTES_MAX))
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = random.below(10) === 0 ? random.below(256) : USUAL_BYTES[random.below(USUAL_BYTES.length)]
  }
  return bytes
}

function repeatedPieces(random: Random): Buffer {
  const pieces = Array.from({ length: 1 + random.below(REPEATED_PIECES_MAX) }, () => {
    return random.pick(random.next() < 0.8 ? PIECES : SEEDS)
  })
  return Buffer.alloc(REPEATED_BYTES, pieces.join(''), 'latin1')
}

function mutatedLine(random: Random): Buffer {
  let bytes = Buffer.from(random.pick(SEEDS))
  for (let left = random.below(MUTATIONS_MAX); left > 0; left--) {
    const at = random.below(bytes.length + 1)
    const cut = random.next() < 0.5 ? random.below(4) : 0
    const piece =
      random.next() < 0.5 ? Buffer.from(random.pick(PIECES), 'latin1') : Buffer.of(random.below(256))
    bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + cut)])
  }
  return bytes
}

function withoutQuotes(bytes: Buffer): Buffer {
  return bytes.includes(QUOTE) ? Buffer.from(bytes.filter((byte) => byte !== QUOTE)) : bytes
}

function countOf(bytes: Buffer, wanted: number): number {
  let count = 0
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) count++
  return count
}

if (import.meta.main) {
  const [lines = String(MILLION), seed = String(Date.now() % 2 ** 32)] = process.argv.slice(2)
  console.log(`seed ${seed}`)
  const startMs = performance.now()
  const outcome = fuzzLineProtocol({
    lineCount: Number(lines),
    seed: Number(seed),
    onMillion: (line) => console.log(line),
  })
  console.log(outcome, `${Math.round((performance.now() - startMs) / 1_000)} s`)
}
