/** The objects of a JSON list as they come, of which only one at a time is held. */
import { Failure } from '../failure.ts'

const ITEM_CHARS_MAX = 1024 * 1024

/** @throws {Failure} the answer ends early, or is no list of objects. */
export async function* jsonItems<Item>(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Item> {
  const decoder = new TextDecoder()
  const splitter = new Splitter()
  try {
    for await (const chunk of chunks) {
      for (const text of splitter.take(decoder.decode(chunk, { stream: true }))) yield JSON.parse(text)
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw new Failure('The server answers with no list of objects')
    if (error instanceof TypeError) throw new Failure('The connection to the server was lost')
    throw error
  }
  if (!splitter.isOver) throw new Failure('The connection to the server was lost')
}

class Splitter {
  #held = ''
  /** Of the list itself 1. */
  #depth = 0
  #isText = false
  #isEscaped = false
  #isOver = false

  /** Whether the list has ended. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Texts of the objects that this ends. */
  *take(text: string): Generator<string> {
    let start = 0
    for (let i = 0; i < text.length; i++) {
      const character = text[i]
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (character === '\\') this.#isEscaped = true
        else if (character === '"') this.#isText = false
      } else if (character === '"') this.#isText = true
      else if (character === '{' || character === '[') {
        this.#depth++
        if (this.#depth === 2) start = i
      } else if (character === '}' || character === ']') {
        this.#depth--
        if (this.#depth === 1) {
          yield this.#held + text.slice(start, i + 1)
          this.#held = ''
          start = i + 1
        }
        if (this.#depth === 0) this.#isOver = true
      }
    }
    if (this.#depth > 1) this.#held += text.slice(start)
    if (this.#held.length > ITEM_CHARS_MAX) throw new Failure('The server answers with no list of points')
  }
}
