/** Conditional requests (RFC 9110 13) for files whose tag is their content and never weak. */

export interface Validators {
  /** With its quotation marks. */
  readonly etag: string
  readonly modifiedMs: number
}

export interface ConditionalHeaders {
  readonly 'if-match'?: string | undefined
  readonly 'if-none-match'?: string | undefined
  readonly 'if-modified-since'?: string | undefined
  readonly 'if-unmodified-since'?: string | undefined
  readonly 'if-range'?: string | string[] | undefined
}

/** What a GET or HEAD is to be answered with, in the order of the standard. */
export function checkPreconditions(
  headers: ConditionalHeaders,
  validators: Validators,
): 'go on' | 'not modified' | 'failed' {
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined) {
    if (!namesTag(ifMatch, validators.etag, { mayBeWeak: false })) return 'failed'
  } else if (isBefore(headers['if-unmodified-since'], validators)) return 'failed'
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined) {
    return namesTag(ifNoneMatch, validators.etag, { mayBeWeak: true }) ? 'not modified' : 'go on'
  }
  const since = timeOf(headers['if-modified-since'])
  return since !== undefined && wholeSeconds(validators.modifiedMs) <= since ? 'not modified' : 'go on'
}

/** Whether a range may be answered: the client's first part is of the same content. */
export function rangeStillFits(ifRange: string | string[] | undefined, validators: Validators): boolean {
  if (ifRange === undefined) return true
  if (typeof ifRange !== 'string') return false
  if (ifRange.includes('"')) return ifRange.trim() === validators.etag
  return timeOf(ifRange) === wholeSeconds(validators.modifiedMs)
}

function namesTag(list: string, etag: string, { mayBeWeak }: { mayBeWeak: boolean }): boolean {
  if (list.trim() === '*') return true
  for (const [, weak, tag] of list.matchAll(/(W\/)?("[^"]*")/g)) {
    if (tag === etag && (mayBeWeak || weak === undefined)) return true
  }
  return false
}

function isBefore(date: string | undefined, { modifiedMs }: Validators): boolean {
  const time = timeOf(date)
  return time !== undefined && wholeSeconds(modifiedMs) > time
}

function timeOf(date: string | undefined): number | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(time) ? undefined : time
}

/** Dates in headers have no fractions. */
function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1_000) * 1_000
}
