/** Request bodies, made before any clock runs: line protocol, or rows of text separated by tabs. */
import type { Workload } from '../workload.ts'
import { deviceName, type IotData, lineCount, metricName, START_S, STEP_S } from './iot-data.ts'

export type BodyFormat = 'lines' | 'rows'

export interface Body {
  readonly bytes: Buffer
  readonly valueCount: number
}

/** Which lines are sent in which order; a line with `STALE` set is sent with values that a later one mends. */
export type SendOrder = Uint32Array

export const STALE = 2 ** 31
const STALE_BY_CENTS = 100

/** Longest texts of a value with its separators, and of a time. */
const VALUE_BYTES_MAX = 16
const TIME_BYTES_MAX = 24

const DOT = 0x2e
const MINUS = 0x2d
const ZERO = 0x30
const NEWLINE = 0x0a

export function makeBodies(
  data: IotData,
  { format, linesPerBody, order }: { format: BodyFormat; linesPerBody: number; order?: SendOrder },
): Body[] {
  const count = order ? order.length : lineCount(data.workload)
  const writer = new BodyWriter(data, format, linesPerBody)
  const bodies = []
  for (let at = 0; at < count; at += linesPerBody) {
    const end = Math.min(at + linesPerBody, count)
    for (let line = at; line < end; line++) writer.addLine(order ? order[line] : line)
    bodies.push({ bytes: writer.take(), valueCount: (end - at) * data.workload.metricsPerDevice })
  }
  return bodies
}

/** Appends digits to a scratch buffer; strings would cost ten times as much. */
class BodyWriter {
  #workload: Workload
  #cents: Int32Array
  #format: BodyFormat
  #scratch: Buffer
  #length = 0
  #heads: Buffer[]
  #fields: Buffer[]

  constructor({ workload, cents }: IotData, format: BodyFormat, linesPerBody: number) {
    const { deviceCount, metricsPerDevice } = workload
    const text = (count: number, of: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => Buffer.from(of(i)))
    this.#workload = workload
    this.#cents = cents
    this.#format = format
    const isLines = format === 'lines'
    this.#heads = text(deviceCount, (device) => (isLines ? `iot,host=${deviceName(device)} ` : `${device}\t`))
    this.#fields = text(metricsPerDevice, (metric) =>
      isLines ? `${metric === 0 ? '' : ','}${metricName(metric)}=` : '\t',
    )
    const perLine = this.#heads.at(-1)!.length + this.#fields.reduce((total, { length }) => total + length, 0)
    const lineBytesMax = perLine + metricsPerDevice * VALUE_BYTES_MAX + TIME_BYTES_MAX
    this.#scratch = Buffer.allocUnsafe(linesPerBody * lineBytesMax)
  }

  addLine(numbered: number): void {
    const isStale = numbered >= STALE
    const line = isStale ? numbered - STALE : numbered
    const { deviceCount, metricsPerDevice } = this.#workload
    const timeS = START_S + Math.floor(line / deviceCount) * STEP_S
    this.#add(this.#heads[line % deviceCount])
    if (this.#format === 'rows') this.#addText(new Date(timeS * 1_000).toISOString().slice(0, 19))
    for (let metric = 0; metric < metricsPerDevice; metric++) {
      this.#add(this.#fields[metric])
      this.#addCents(this.#cents[line * metricsPerDevice + metric] + (isStale ? STALE_BY_CENTS : 0))
    }
    if (this.#format === 'lines') this.#addText(` ${timeS}000000000`)
    this.#scratch[this.#length++] = NEWLINE
  }

  take(): Buffer {
    const bytes = Buffer.from(this.#scratch.subarray(0, this.#length))
    this.#length = 0
    return bytes
  }

  #add(bytes: Buffer): void {
    this.#scratch.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #addText(text: string): void {
    this.#length += this.#scratch.write(text, this.#length, 'latin1')
  }

  /** Always with two decimals. */
  #addCents(cents: number): void {
    const scratch = this.#scratch
    const absolute = Math.abs(cents)
    if (cents < 0) scratch[this.#length++] = MINUS
    let whole = Math.floor(absolute / 100)
    let digits = 1
    for (let rest = whole; rest >= 10; rest = Math.floor(rest / 10)) digits++
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      scratch[at] = ZERO + (whole % 10)
      whole = Math.floor(whole / 10)
    }
    this.#length += digits
    scratch[this.#length++] = DOT
    scratch[this.#length++] = ZERO + (Math.floor(absolute / 10) % 10)
    scratch[this.#length++] = ZERO + (absolute % 10)
  }
}
