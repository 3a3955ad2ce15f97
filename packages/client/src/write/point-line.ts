/** Points as lines of line protocol, which names devices and variables and keeps every bit of a number. */
import { pointTimeUs } from './point-time.ts'

/** A value of a variable of a device, both by name. What does not exist yet is made if the token may. */
export interface PointInput {
  readonly device: string
  readonly variable: string
  /** Booleans are stored as 1 and 0. */
  readonly value: number | string | boolean
  /** ISO 8601, milliseconds since 1970 or a Date. Left out, now. */
  readonly time?: Date | number | string | undefined
  /** Whole microseconds since 1970, in the place of `time`. */
  readonly timeUs?: number | undefined
}

export interface PointLine {
  /** Without a line end. */
  readonly text: string
  /** A text value may have line ends of its own. */
  readonly lineCount: number
}

const CONTROL = /\p{Cc}/u

/** The line of a point; a string is the reason why there can be none. */
export function pointLine(point: PointInput, nowUs: () => number): PointLine | string {
  const { device, variable } = point
  const fault = nameFault('device', device) ?? nameFault('variable', variable)
  if (fault !== undefined) return fault
  if (variable.startsWith('#')) return `variable ${JSON.stringify(variable)} begins with #, as comments do`
  const value = valueText(point.value)
  if (value === undefined) return valueFault(point.value)
  const timeUs = timeUsOf(point, nowUs)
  if (timeUs === undefined) {
    return `time ${String(point.timeUs ?? point.time)} is none; give ISO 8601, milliseconds or a Date`
  }
  const text = `${escaped(variable)},device=${escaped(device)} value=${value} ${timeUs}`
  return { text, lineCount: typeof point.value === 'string' ? text.split('\n').length : 1 }
}

function nameFault(kind: string, name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return `${kind} is missing; give its name`
  const shown = `${kind} ${JSON.stringify(name)}`
  if (CONTROL.test(name)) return `${shown} has a control character`
  if (name.endsWith('\\')) return `${shown} ends with a backslash`
  return name.isWellFormed() ? undefined : `${shown} is no valid Unicode`
}

/** Undefined is a value that cannot be kept. */
function valueText(value: unknown): string | undefined {
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    return value.isWellFormed() ? `"${value.replace(/["\\]/g, '\\$&')}"` : undefined
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  // The text of -0 is 0.
  return Object.is(value, -0) ? '-0' : String(value)
}

function valueFault(value: unknown): string {
  return typeof value === 'string'
    ? 'value is no valid Unicode'
    : `value is ${String(value)}; give a finite number, a text or a boolean`
}

function timeUsOf({ time, timeUs }: PointInput, nowUs: () => number): number | undefined {
  if (timeUs !== undefined) return Number.isSafeInteger(timeUs) ? timeUs : undefined
  return time === undefined ? nowUs() : pointTimeUs(time)
}

function escaped(name: string): string {
  return name.replace(/[, =]/g, '\\$&')
}
