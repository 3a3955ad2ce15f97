/** Asks a person for a password. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

/**
 * What is typed is not shown. Without a terminal, the first line of the input.
 * @throws {Error} the input ends, or is interrupted, before there is a line.
 */
export function promptPassword(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal: input.isTTY === true })
  output.write(question)
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('SIGINT', () => lines.close())
    // Rejecting what is resolved already does nothing.
    lines.once('close', () => {
      output.write('\n')
      reject(new Error('No password was given'))
    })
  })
}
