/**
 * Query strings as devices write them. A `%` that is not followed by two hex digits stands for itself, where
 * the standard decoder would refuse the whole request; bytes that are no UTF-8 become U+FFFD.
 */

/** Parameters by name; one that is given more than once keeps its first value. */
export function parseLenientQuery(text: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null)
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeLenient(equals < 0 ? pair : pair.slice(0, equals))
    if (!(name in parameters)) parameters[name] = equals < 0 ? '' : decodeLenient(pair.slice(equals + 1))
  }
  return parameters
}

/** Undoes percent and plus encoding as far as there is any. */
function decodeLenient(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  const bytes = Buffer.from(text.replaceAll('+', ' '), 'utf8')
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const high = bytes[i] === PERCENT ? hexDigit(bytes[i + 1]) : -1
    const low = high < 0 ? -1 : hexDigit(bytes[i + 2])
    if (low < 0) {
      bytes[length++] = bytes[i]
    } else {
      bytes[length++] = high * 16 + low
      i += 2
    }
  }
  return bytes.toString('utf8', 0, length)
}

const PERCENT = 0x25

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}
