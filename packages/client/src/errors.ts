/** Failures of the SDK that a caller can act on. Each message says what was wrong with what was given. */

/** An id or a text that names nothing: not hexadecimal, out of range, or of another kind. */
export class SlugError extends Error {
  override readonly name = 'SlugError'
}

/** Factors that describe no conversion. */
export class MdoError extends Error {
  override readonly name = 'MdoError'
}
