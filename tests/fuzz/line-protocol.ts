/**
 * Throws mutated line protocol at the parser: `node tests/fuzz/line-protocol.ts [count] [seed]`. Whatever the
 * bytes are, reading ends, rows are whole, and what was read is the same whether the keys were met before.
 */
import { strict as assert } from 'node:assert'
import { DEFAULT_LIMITS } from '../../packages/server/src/config.ts'
import { LineParser } from '../../packages/server/src/protocols/influx/line-parser.ts'
import type { LineSlice } from '../../packages/server/src/protocols/influx/line-slice.ts'

export interface FuzzOutcome {
  readonly bodyCount: number
  readonly rowCount: number
  readonly rejectedCount: number
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

export function fuzzLineProtocol({ count, seed }: { count: number; seed: number }): FuzzOutcome {
  const random = seeded(seed)
  const parser = new LineParser({ ...DEFAULT_LIMITS, textBytesMax: 64 })
  let rowCount = 0
  let rejectedCount = 0
  for (let i = 0; i < count; i++) {
    const body = mutated(random)
    const slices = readAll(parser, body)
    assert.deepEqual(readAll(parser, body), slices, 'keys that are known make no difference')
    for (const slice of slices) {
      rowCount += slice.rows.length
      rejectedCount += slice.rejectedCount
    }
  }
  return { bodyCount: count, rowCount, rejectedCount }
}

interface ReadSlice {
  readonly rows: readonly (readonly [key: string, timeUs: number, value: number | string, line: number])[]
  readonly rejectedCount: number
}

function readAll(parser: LineParser, body: Buffer): ReadSlice[] {
  const reader = parser.open(body, { projectId: 1, precision: 'ns', nowUs: 5 })
  const lineCount = body.toString('latin1').split('\n').length
  const slices: ReadSlice[] = []
  while (!reader.isAtEnd) {
    const slice = reader.read()
    check(slice, lineCount)
    const rows = Array.from(slice.fields, (field, row) => {
      const key = [slice.table.parent(field), field].map((key) => slice.table.bytesOf(key).join(' ')).join()
      const value = slice.texts.get(row) ?? slice.values[row]
      return [key, slice.timesUs[row], value, slice.lines[row]] as const
    })
    slices.push({ rows, rejectedCount: slice.rejectedCount })
    assert(slices.length <= lineCount, 'every slice takes a line at least')
  }
  return slices
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

function mutated(random: () => number): Buffer {
  const below = (bound: number) => Math.floor(random() * bound)
  const pick = (texts: readonly string[]) => texts[below(texts.length)]
  let bytes = Buffer.from(pick(SEEDS) + pick(SEEDS))
  for (let left = below(MUTATIONS_MAX); left > 0; left--) {
    const at = below(bytes.length + 1)
    const cut = random() < 0.5 ? below(4) : 0
    const piece = random() < 0.5 ? Buffer.from(pick(PIECES), 'latin1') : Buffer.of(below(256))
    bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + cut)])
  }
  return bytes
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

if (import.meta.main) {
  const [count = '1000000', seed = String(Date.now() % 2 ** 32)] = process.argv.slice(2)
  console.log(`seed ${seed}`, fuzzLineProtocol({ count: Number(count), seed: Number(seed) }))
}
