/**
 * Requests that are numbered, and whose points all follow from their number, so that what became of each can
 * be asked afterwards. Every number has ten milliseconds of its own, in which its points lie.
 */
import { strict as assert } from 'node:assert'
import { gzipSync } from 'node:zlib'
import type { RunningServer } from '../server.fixture.ts'

export const PROJECT = 'surge'

const START_MS = 1_767_000_000_000
/** The same for all points, in microseconds, before the eight digits of the number. */
const TIME_PREFIX = '1767'
const MS_PER_NUMBER = 10
const NUMBER_DIGITS = 8
/** Digits of the number that come back in the values. */
const VALUE_DIGITS = 4

const POINTS_PER_SERIES = 100
const US_PER_POINT = 100
/** Of so many requests one is a list, and one a single value. */
const KINDS = 5

export type RequestKind = 'bulk' | 'list' | 'single'

export interface NumberedRequest {
  readonly kind: RequestKind
  readonly path: string
  readonly body: Buffer
  /** With gzip. */
  readonly isPacked: boolean
}

export function kindOf(number: number): RequestKind {
  if (number % KINDS === 1) return 'list'
  return number % KINDS === 2 ? 'single' : 'bulk'
}

export interface LoadSize {
  /** Series of a bulk request; each has a hundred points. */
  readonly seriesCount: number
  /** A packed comment of so many bytes in every bulk request: what takes memory and little work. */
  readonly paddingBytes: number
}

/** Bodies that bulk requests are made in; each is used by one request at a time. */
export class BulkBodies {
  readonly #template: Buffer
  /** Where the digits of the number stand. */
  readonly #numbersAt: readonly number[]
  readonly #valuesAt: readonly number[]
  #free: Buffer[] = []

  constructor(seriesCount: number) {
    let text = ''
    const numbersAt: number[] = []
    const valuesAt: number[] = []
    for (let point = 0; point < POINTS_PER_SERIES; point++) {
      for (let series = 0; series < seriesCount; series++) {
        text += `surge,device=bulk${series} value=`
        valuesAt.push(text.length)
        text += `${'0'.repeat(VALUE_DIGITS)}.${pad(point, 2)} ${TIME_PREFIX}`
        numbersAt.push(text.length)
        text += `${'0'.repeat(NUMBER_DIGITS)}${pad(point * US_PER_POINT, 4)}\n`
      }
    }
    this.#template = Buffer.from(text)
    this.#numbersAt = numbersAt
    this.#valuesAt = valuesAt
  }

  take(number: number): Buffer {
    const body = this.#free.pop() ?? Buffer.from(this.#template)
    const digits = Buffer.from(pad(number, NUMBER_DIGITS))
    const valueDigits = digits.subarray(-VALUE_DIGITS)
    for (const at of this.#numbersAt) body.set(digits, at)
    for (const at of this.#valuesAt) body.set(valueDigits, at)
    return body
  }

  give(body: Buffer): void {
    this.#free.push(body)
  }
}

export interface NumberedLoad {
  /** Points of a request. */
  pointsOf(kind: RequestKind): number
  take(number: number): NumberedRequest
  give(request: NumberedRequest): void
  /** The answered points of a number that are not what they should be. */
  findWrong(server: RunningServer, number: number): Promise<string[]>
  /** Points by device, as they are stored. */
  counts(server: RunningServer): Promise<Record<string, number>>
  /** Points by device that so many requests of each kind have. */
  countsOf(requests: Readonly<Record<RequestKind, number>>): Record<string, number>
}

/** Makes the streams, so that the load itself makes none. */
export async function openNumberedLoad(server: RunningServer, size: LoadSize): Promise<NumberedLoad> {
  const { seriesCount, paddingBytes } = size
  const bodies = new BulkBodies(seriesCount)
  const padding = gzipSync(`#${'-'.repeat(paddingBytes)}`)
  const linesPath = `/api/v2/write?bucket=${PROJECT}&precision=us`
  const names = ['list', 'single', ...Array.from({ length: seriesCount }, (_, i) => `bulk${i}`)]
  const first = names.map((name) => `surge,device=${name} value=0 1`).join('\n')
  const made = await server.request(`../..${linesPath}`, { method: 'POST', body: first })
  assert.equal(made.status, 204)
  const listed = await query(server, 'device=list')
  const listStream = listed[0].stream

  const load: NumberedLoad = {
    pointsOf: (kind) => (kind === 'bulk' ? seriesCount : 1) * pointsPerSeries(kind),
    take(number) {
      const kind = kindOf(number)
      if (kind === 'bulk') {
        const body = bodies.take(number)
        if (paddingBytes === 0) return { kind, path: linesPath, body, isPacked: false }
        // What was packed apart is one body when it is put together.
        const packed = Buffer.concat([gzipSync(body, { level: 1 }), padding])
        bodies.give(body)
        return { kind, path: linesPath, body: packed, isPacked: true }
      }
      const points = valuesOf(number, pointsPerSeries(kind))
      if (kind === 'single') {
        const [[timeMs, value]] = points
        const line = `surge,device=single value=${value} ${timeMs * 1_000}`
        return { kind, path: linesPath, body: Buffer.from(line), isPacked: false }
      }
      const list = points.map(([timeMs, value]) => {
        return { stream: listStream, timestamp: isoTime(timeMs), value }
      })
      return { kind, path: '/api/v1/data/', body: Buffer.from(JSON.stringify(list)), isPacked: false }
    },
    give({ kind, body, isPacked }) {
      if (kind === 'bulk' && !isPacked) bodies.give(body)
    },
    async findWrong(server, number) {
      const kind = kindOf(number)
      const startMs = START_MS + number * MS_PER_NUMBER
      const device = kind === 'bulk' ? `bulk${number % seriesCount}` : kind
      const range = `start=${startMs}&end=${startMs + MS_PER_NUMBER}`
      const [found] = await query(server, `device=${device}&${range}`)
      const expected = valuesOf(number, pointsPerSeries(kind))
      const wrong = expected.filter(([timeMs, value], i) => {
        return found?.times[i] !== timeMs || found?.values[i] !== value
      })
      return wrong.map(([timeMs, value]) => `${device} has no ${value} at ${isoTime(timeMs)}`)
    },
    async counts(server) {
      const rows = await query(server, `by=device&agg=count&start=${START_MS}`)
      return Object.fromEntries(rows.map(({ device, values }) => [device, values[0]]))
    },
    countsOf: (requests) =>
      Object.fromEntries(
        names.map((name) => {
          const kind = name === 'list' || name === 'single' ? name : 'bulk'
          return [name, requests[kind] * pointsPerSeries(kind)]
        }),
      ),
  }
  return load
}

/** A list in JSON has one series. */
function pointsPerSeries(kind: RequestKind): number {
  return kind === 'single' ? 1 : POINTS_PER_SERIES
}

/** Times in milliseconds and values of the points that each series of a request has. */
function valuesOf(number: number, count: number): [timeMs: number, value: number][] {
  const whole = number % 10 ** VALUE_DIGITS
  return Array.from({ length: count }, (_, point) => [
    START_MS + number * MS_PER_NUMBER + (point * US_PER_POINT) / 1_000,
    Number(`${whole}.${pad(point, 2)}`),
  ])
}

interface Row {
  readonly stream: string
  readonly device: string
  readonly times: readonly number[]
  readonly values: readonly number[]
}

async function query(server: RunningServer, parameters: string): Promise<Row[]> {
  const reply = await server.request(`query/?project=${PROJECT}&${parameters}`)
  assert.equal(reply.status, 200)
  return (await reply.json()).results
}

/** With the microseconds that `Date` has no room for. */
function isoTime(timeMs: number): string {
  const micros = Math.round((timeMs - Math.floor(timeMs)) * 1_000)
  return new Date(Math.floor(timeMs)).toISOString().replace('Z', `${pad(micros, 3)}Z`)
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0')
}
