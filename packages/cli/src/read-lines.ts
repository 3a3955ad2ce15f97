/** The lines of standard input, of bounded length. */
import { StringDecoder } from 'node:string_decoder'
import { Failure } from './failure.ts'
import type { Input } from './shell.ts'

const LINE_CHARS_MAX = 1024 * 1024

/** Lines with their numbers from 1; empty ones are left out. @throws {Failure} a line that is too long. */
export async function* numberedLines(input: Input): AsyncGenerator<{ line: number; text: string }> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let line = 0
  for await (const chunk of input) {
    const texts = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n')
    rest = texts.pop() ?? ''
    for (const text of texts) {
      line++
      if (text.trim() !== '') yield { line, text: text.trim() }
    }
    if (rest.length > LINE_CHARS_MAX) {
      throw new Failure(
        `Line ${line + 1} has more than ${LINE_CHARS_MAX} characters; write one point per line`,
      )
    }
  }
  if (rest.trim() !== '') yield { line: line + 1, text: rest.trim() }
}
