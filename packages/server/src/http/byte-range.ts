/** The `Range` header (RFC 9110 14): one range of bytes is answered by itself, several by the whole file. */

export interface AskedRange {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/**
 * What a header asks for of a file. Ranges that touch or overlap, as some clients send them, count as one.
 * @returns `whole` without a header, with one that makes no sense, and with several ranges, as the standard
 *   allows; `unsatisfiable` when all lies behind the end.
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): AskedRange | 'whole' | 'unsatisfiable' {
  const [, list] = /^\s*bytes\s*=(.*)$/is.exec(header ?? '') ?? []
  if (list === undefined) return 'whole'
  const specs = list.split(',')
  if (specs.length > RANGES_MAX) return 'whole'
  const ranges: AskedRange[] = []
  for (const spec of specs) {
    const range = parseSpec(spec.trim(), sizeBytes)
    if (range === undefined) return 'whole'
    if (range.start < range.end) ranges.push(range)
  }
  if (ranges.length === 0) return 'unsatisfiable'
  return joined(ranges) ?? 'whole'
}

/** More than a client has reasons for. */
const RANGES_MAX = 20

/** Empty when it lies behind the end; undefined when it is malformed. */
function parseSpec(spec: string, sizeBytes: number): AskedRange | undefined {
  const [, first, last] = /^(\d{0,15})-(\d{0,15})$/.exec(spec) ?? []
  if (first === undefined || (first === '' && last === '')) return undefined
  if (first === '') return { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes }
  const start = Number(first)
  if (last === '') return { start, end: Math.max(start, sizeBytes) }
  if (Number(last) < start) return undefined
  return { start, end: Math.max(start, Math.min(sizeBytes, Number(last) + 1)) }
}

/** One range, when there are no gaps between all of them. */
function joined(ranges: readonly AskedRange[]): AskedRange | undefined {
  const [first, ...others] = ranges.toSorted((a, b) => a.start - b.start)
  let { end } = first
  for (const range of others) {
    if (range.start > end) return undefined
    end = Math.max(end, range.end)
  }
  return { start: first.start, end }
}
