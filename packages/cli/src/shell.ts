/** What a command sees of the shell that it was started from. */
import type { Environment } from './find-server.ts'

/** Where a command writes: a terminal, a file, a pipe. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined
  /** Characters in a line of the terminal. */
  readonly columns?: number | undefined
}

export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean }

export interface Shell {
  readonly environment: Environment
  readonly input: Input
  /** For results. */
  readonly output: Output
  /** For progress, remarks and what is wrong. */
  readonly errors: Output
}

export function processShell(): Shell {
  return {
    environment: process.env,
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
  }
}

/** One line of the results. */
export function print({ output }: Shell, line: string): void {
  output.write(`${line}\n`)
}

/** One line beside the results. */
export function remark({ errors }: Shell, line: string): void {
  errors.write(`${line}\n`)
}

export function printJson(shell: Shell, value: unknown): void {
  print(shell, JSON.stringify(value, null, 2))
}

/** Colours are for terminals that have not been asked to go without (https://no-color.org). */
export function hasColours({ environment, output }: Shell): boolean {
  return output.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
}
