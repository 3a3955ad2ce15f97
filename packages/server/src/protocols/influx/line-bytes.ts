/** What single bytes mean in line protocol, and where lines and texts end. */

const NEWLINE = 0x0a
const BLANK = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const EQUALS = 0x3d
const BACKSLASH = 0x5c
const TAB = 0x09
const RETURN = 0x0d

const QUOTED_BYTES_MAX = 40

export function isBlank(byte: number): boolean {
  return byte === BLANK || byte === TAB || byte === RETURN
}

export function isEndOfValue(byte: number): boolean {
  return byte === COMMA || byte === BLANK || byte === NEWLINE || byte === RETURN
}

/** What may stand behind a backslash that takes its meaning away. */
export function isEscapable(byte: number | undefined): boolean {
  return byte === COMMA || byte === BLANK || byte === EQUALS
}

/** The end of a text that begins at `start`; -1 when there is none, or something follows that may not. */
export function closingQuote(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let backslashes = 0
    while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes++
    if (backslashes % 2 === 1) continue
    return at + 1 === bytes.length || isEndOfValue(bytes[at + 1]) ? at : -1
  }
  return -1
}

/** The text between two quotation marks; undefined when it is longer than `bytesMax`. */
export function unescapedText(
  bytes: Buffer,
  { start, end, bytesMax }: { start: number; end: number; bytesMax: number },
): string | undefined {
  // A backslash before every byte is the most that there can be of them.
  if (end - start > 2 * bytesMax) return undefined
  const written = bytes.toString('utf8', start, end)
  const text = written.includes('\\') ? written.replace(/\\(["\\])/g, '$1') : written
  return end - start > bytesMax && Buffer.byteLength(text) > bytesMax ? undefined : text
}

/** The next line end, or the end of the body. */
export function newlineFrom(bytes: Buffer, at: number): number {
  const newline = bytes.indexOf(NEWLINE, at)
  return newline < 0 ? bytes.length : newline
}

/** The line end at or after `start` that is not within a text. */
export function lineEndFrom(bytes: Buffer, start: number): number {
  let at = start
  let newline = newlineFrom(bytes, at)
  for (;;) {
    const opened = bytes.subarray(at, newline).indexOf('="')
    if (opened < 0) return newline
    const quote = at + opened + 1
    const closing = closingQuote(bytes, quote)
    at = closing < 0 ? quote : closing
    if (at > newline) newline = newlineFrom(bytes, at)
  }
}

export function countNewlines(bytes: Buffer, start: number, end: number): number {
  let count = 0
  for (let at = newlineFrom(bytes, start); at < end; at = newlineFrom(bytes, at + 1)) count++
  return count
}

/** The beginning of what is meant, for a message. */
export function quoted(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, Math.min(end, start + QUOTED_BYTES_MAX))
  return JSON.stringify(text.split(/[\n\r]/, 1)[0])
}
