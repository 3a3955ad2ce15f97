/** The `sonde` command within the process of its test: no start of a process, the same way through the program. */
import { Readable, Writable } from 'node:stream'
import { buildProgram, runProgram } from './program.ts'
import type { Output, Shell } from './shell.ts'

export interface Here {
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Standard input. */
  readonly input?: string
  /** The output is a terminal of so many columns. */
  readonly columns?: number
  /** Told of the output so far, whenever that grows. */
  readonly onOutput?: (text: string) => void
}

export interface EndedHere {
  readonly code: number
  readonly text: string
  readonly out: readonly string[]
  readonly err: readonly string[]
}

export async function sondeHere(args: readonly string[], run: Here = {}): Promise<EndedHere> {
  const output = new Collector(run)
  const errors = new Collector({})
  const shell: Shell = {
    environment: run.environment ?? {},
    input: Readable.from([run.input ?? '']),
    output,
    errors,
  }
  const code = await runProgram(buildProgram(shell), ['node', 'sonde', ...args], shell)
  return { code, text: output.text, out: linesOf(output.text), err: linesOf(errors.text) }
}

class Collector extends Writable implements Output {
  text = ''
  readonly columns: number | undefined
  readonly isTTY: boolean

  readonly #onOutput: ((text: string) => void) | undefined

  constructor({ columns, onOutput }: Pick<Here, 'columns' | 'onOutput'>) {
    super({ decodeStrings: false })
    this.#onOutput = onOutput
    this.columns = columns
    this.isTTY = columns !== undefined
  }

  override _write(chunk: string | Uint8Array, _encoding: string, done: () => void): void {
    this.text += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
    this.#onOutput?.(this.text)
    done()
  }
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/)
}
