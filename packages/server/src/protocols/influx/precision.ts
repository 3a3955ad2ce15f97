/** The units in which clients count time, as the `precision` parameter names them. */
import { InvalidError } from '../../errors.ts'
import { US_PER_HOUR, US_PER_MIN, US_PER_MS, US_PER_S } from '../../model/time.ts'

export type Precision = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h'

/** A nanosecond is a thousandth of what is kept; `LineReader` drops its digits instead. */
export const US_PER_UNIT = {
  ns: 1,
  us: 1,
  ms: US_PER_MS,
  s: US_PER_S,
  m: US_PER_MIN,
  h: US_PER_HOUR,
} as const satisfies Record<Precision, number>

const NAMES: Readonly<Record<string, Precision>> = {
  '': 'ns',
  n: 'ns',
  ns: 'ns',
  u: 'us',
  us: 'us',
  µ: 'us',
  // The Greek letter looks the same as the micro sign.
  μ: 'us',
  ms: 'ms',
  s: 's',
  m: 'm',
  h: 'h',
}

/** Nanoseconds unless the client says otherwise. @throws {InvalidError} no such unit. */
export function parsePrecision(text: string | undefined): Precision {
  const name = text ?? ''
  if (Object.hasOwn(NAMES, name)) return NAMES[name]
  throw new InvalidError(`invalid precision "${name}"; use ns, us, ms, s, m or h`)
}
