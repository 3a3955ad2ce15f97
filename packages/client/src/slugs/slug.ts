import { SlugError } from '../errors.ts'

/** What every kind of slug can do. The text is padded and lower case, however the slug was written. */
export abstract class Slug {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }

  /** Lets a slug stand in a JSON body as its text. */
  toJSON(): string {
    return this.#text
  }

  /** The text without its letter: `0000-0005` of `p--0000-0005`. */
  formattedId(): string {
    return this.#text.slice(3)
  }

  /**
   * The number of the object: a number up to 2^53 - 1, a bigint beyond. Only 64-bit device slugs go beyond.
   * @throws {SlugError} the slug has more than one term, so no single number stands for it.
   */
  getId(): number | bigint {
    throw new SlugError('Cannot call get_id() for IDs with more than one term')
  }
}
