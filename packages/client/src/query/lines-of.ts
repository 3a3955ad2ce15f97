/** The lines of a text that comes in pieces. */
import { RestBaseException } from '../api/http-errors.ts'

/** A row of a query is not longer; what is may never end. */
const LINE_CHARS_MAX = 16 * 1024 * 1024

/** Empty lines are left out. @throws {RestBaseException} a line that is too long. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_CHARS_MAX) {
      throw new RestBaseException(`A line of the answer is longer than ${LINE_CHARS_MAX} characters`)
    }
    for (const line of lines) if (line !== '') yield line
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}
