/**
 * What a device was sent and what the server said of it. Every write has a number of its own, from which its
 * value is made, so that a value that is found tells which write it comes from.
 */
import { strict as assert } from 'node:assert'

export const FIELDS = ['flow', 'level', 'state'] as const
/** Times that a field can have: every five minutes for four days, so that some slices of time are met. */
export const SLOTS = 1_200

const START_MS = Date.UTC(2026, 0, 1)
const STEP_MS = 5 * 60 * 1_000
/** One write in so many is a text. */
const TEXT_EVERY = 8
/** Divides the numbers, so that they are no whole ones; their sums stay exact. */
const FRACTION = 4

/** Stands for "no point" where the number of a write is expected; writing it is deleting. */
export const NOTHING = 0

export interface Write {
  readonly device: DeviceLedger
  /** Position in `FIELDS`. */
  readonly field: number
  readonly slot: number
  readonly code: number
}

/** Points of one stream, as a query answers them. */
export interface StreamAnswer {
  readonly stream: string
  readonly device: string
  readonly variable: string
  readonly times: readonly number[]
  readonly values: readonly (number | string)[]
}

export class DeviceLedger {
  readonly name: string
  /** Slots from here on were never written. */
  nextSlot = 0
  /** Slugs of the streams of the fields, as far as an answer has told them. */
  readonly slugs: (string | undefined)[] = FIELDS.map(() => undefined)
  /** By field and slot: number of the write that holds. */
  #settled = new Float64Array(FIELDS.length * SLOTS)
  /** Writes of which each may hold, where there is more than one. */
  #possible = new Map<number, Set<number>>()

  constructor(name: string) {
    this.name = name
  }

  /** From now on the write may be there. */
  announce({ field, slot, code }: Write): void {
    const key = field * SLOTS + slot
    const possible = this.#possible.get(key) ?? new Set([this.#settled[key]])
    this.#possible.set(key, possible.add(code))
  }

  /** The write is there, and nothing that was announced before it. */
  acknowledge({ field, slot, code }: Write): void {
    const key = field * SLOTS + slot
    this.#possible.delete(key)
    this.#settled[key] = code
  }

  /** Points that there are. */
  totals(): { count: number; sum: number } {
    assert.equal(this.#possible.size, 0, 'all is settled')
    let count = 0
    let sum = 0
    for (const code of this.#settled) {
      if (code === NOTHING) continue
      count++
      if (!isText(code)) sum += code / FRACTION
    }
    return { count, sum }
  }

  /** Points of a field from one slot to another, without that one. */
  countOf(field: number, { from, to }: { from: number; to: number }): number {
    return this.#settled.subarray(field * SLOTS + from, field * SLOTS + to).filter(Boolean).length
  }

  /**
   * Compares all points of the device with what may be there; what is there is settled then.
   * @returns a sentence for each difference.
   */
  check(answers: readonly StreamAnswer[]): string[] {
    const problems: string[] = []
    const found = new Float64Array(this.#settled.length)
    for (const answer of answers) this.#read(answer, found, problems)
    for (const [key, code] of found.entries()) {
      const possible = this.#possible.get(key)
      if (possible ? possible.has(code) : code === this.#settled[key]) continue
      const expected = possible ? [...possible].join(' or ') : this.#settled[key]
      problems.push(`${this.#describe(key)} has write ${code} where ${expected} is expected`)
    }
    this.#settled = found
    this.#possible.clear()
    return problems
  }

  #read({ stream, device, variable, times, values }: StreamAnswer, found: Float64Array, problems: string[]) {
    const field = FIELDS.findIndex((name) => variable === `tank.${name}`)
    if (device !== this.name || field < 0 || times.length !== values.length) {
      problems.push(`${this.name} has a stream ${device}/${variable} of ${times.length}/${values.length}`)
      return
    }
    this.slugs[field] = stream
    for (const [i, time] of times.entries()) {
      const slot = (time - START_MS) / STEP_MS
      const code = writeOfValue(values[i])
      const isKnown = Number.isInteger(slot) && slot >= 0 && slot < SLOTS && code !== undefined
      if (!isKnown || (i > 0 && time <= times[i - 1])) {
        problems.push(`${stream} has ${JSON.stringify(values[i])} at ${time}, behind ${times[i - 1]}`)
      } else {
        found[field * SLOTS + slot] = code
      }
    }
  }

  #describe(key: number): string {
    const time = new Date(timeMs(key % SLOTS)).toISOString()
    return `${this.name} ${FIELDS[Math.floor(key / SLOTS)]} ${time}`
  }
}

export function timeMs(slot: number): number {
  return START_MS + slot * STEP_MS
}

export function valueOfWrite(code: number): number | string {
  return isText(code) ? `note ${code}` : code / FRACTION
}

function isText(code: number): boolean {
  return code % TEXT_EVERY === 0
}

/** Undefined for a value that no write has. */
function writeOfValue(value: number | string): number | undefined {
  const code = typeof value === 'string' ? Number(/^note (\d+)$/.exec(value)?.[1]) : value * FRACTION
  return Number.isInteger(code) && code > 0 && valueOfWrite(code) === value ? code : undefined
}
