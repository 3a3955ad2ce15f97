/**
 * Patterns over the 19 characters of a row's date: `%` stands for any run of characters, `_` for exactly one,
 * and a `\` takes the next character as it is. A date holds digits, `-`, `:` and a blank only, so every
 * pattern that can match can be written without escapes, and is short whatever was sent.
 */

const DATE_CHARS = 19
const DATE_ALPHABET = new Set('0123456789-: ')

/**
 * The same pattern as a LIKE operand that needs no ESCAPE clause and has at most 39 characters; undefined
 * when no date can match, so that nobody needs to ask the database.
 */
export function simplifyDatePattern(pattern: string): string | undefined {
  let simple = ''
  let charsLeast = 0
  let hasRun = false
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === '%') {
      if (!simple.endsWith('%')) simple += '%'
      hasRun = true
      continue
    }
    // A \ at the very end escapes nothing: it asks for itself, which no date holds.
    const literal = char === '\\' ? pattern[++at] : char
    if (char !== '_' && !DATE_ALPHABET.has(literal)) return undefined
    if (++charsLeast > DATE_CHARS) return undefined
    simple += literal
  }
  return hasRun || charsLeast === DATE_CHARS ? simple : undefined
}
