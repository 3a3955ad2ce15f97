/** How fast line protocol is read into columns, once its series are known and before. */
import { LineParser } from '../packages/server/src/protocols/influx/line-parser.ts'
import type { Finding } from './report.ts'
import { START_US, STEP_US, seeded } from './workload.ts'

const DEVICES = 1_000
const LINES_PER_BODY = 5_000
const FIELDS = 10
const LIMITS = { textBytesMax: 65_536, rejectionsListedMax: 100 }

type Value = () => string

export function benchLineProtocol(valuesMax: number): Finding[] {
  const random = seeded(3)
  const floats = () => (random() * 100).toFixed(2)
  const counters = () => `${Math.floor(random() * 1e12)}i`
  const doubles = () => String(random() * 100)
  const texts = () => `"state ${Math.floor(random() * 10)}"`
  return [
    known('10 decimals a line', body(floats, inOrder), valuesMax),
    known(
      '10 decimals a line, devices at random',
      body(floats, () => Math.floor(random() * DEVICES)),
      valuesMax,
    ),
    known('1 decimal a line', body(floats, inOrder, 1), valuesMax),
    known('10 integers a line', body(counters, inOrder), valuesMax),
    known('10 full doubles a line', body(doubles, inOrder), valuesMax),
    known('10 texts a line', body(texts, inOrder), valuesMax),
    unknown('10 decimals a line, all series new', body(floats, inOrder), valuesMax),
  ]
}

function inOrder(line: number): number {
  return line % DEVICES
}

function body(value: Value, device: (line: number) => number, fieldCount = FIELDS): Buffer {
  const lines = Array.from({ length: LINES_PER_BODY }, (_, line) => {
    const fields = Array.from({ length: fieldCount }, (_, field) => `metric_${field}=${value()}`)
    const timeUs = START_US + Math.floor(line / DEVICES) * STEP_US
    return `iot,host=device-${String(device(line)).padStart(4, '0')},site=north ${fields.join(',')} ${timeUs}000\n`
  })
  return Buffer.from(lines.join(''))
}

function known(name: string, bytes: Buffer, valuesMax: number): Finding {
  const parser = new LineParser(LIMITS)
  return measure(name, bytes, valuesMax, () => parser)
}

function unknown(name: string, bytes: Buffer, valuesMax: number): Finding {
  return measure(name, bytes, valuesMax / 10, () => new LineParser(LIMITS))
}

function measure(name: string, bytes: Buffer, valuesMax: number, parser: () => LineParser): Finding {
  const valuesPerBody = readAll(parser(), bytes)
  const rounds = Math.max(1, Math.floor(valuesMax / valuesPerBody))
  for (let i = 0; i < Math.min(rounds, 20); i++) readAll(parser(), bytes)
  const start = performance.now()
  for (let i = 0; i < rounds; i++) readAll(parser(), bytes)
  const elapsedMs = performance.now() - start
  return { name, value: (rounds * valuesPerBody) / elapsedMs / 1_000, unit: 'M values/s' }
}

function readAll(parser: LineParser, bytes: Buffer): number {
  const reader = parser.open(bytes, { projectId: 1, precision: 'ns', nowUs: START_US })
  let count = 0
  while (!reader.isAtEnd) {
    const slice = reader.read()
    count += slice.values.length
    parser.giveBack(slice)
  }
  return count
}
