/** The `sonde` command as its users run it: a process of its own, a data folder in /tmp. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const MAIN = join(import.meta.dirname, 'main.ts')

export interface Ended {
  readonly code: number | null
  /** What it printed, line by line. */
  readonly out: readonly string[]
  readonly err: readonly string[]
}

export interface Run {
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Standard input. */
  readonly input?: string
  /** Told of the process and of what it has printed so far, whenever that grows. */
  readonly onOutput?: (child: ChildProcess, text: string) => void
  readonly onStart?: (child: ChildProcess) => void
}

/** A folder that is deleted when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Runs `sonde` to its end, in an environment of its own. */
export async function sonde(args: readonly string[], run: Run = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env.PATH,
      ...(run.folder === undefined ? {} : { SONDE_DATA_DIR: run.folder }),
      SONDE_INIT_PASSWORD: 'correct horse',
      SONDE_INIT_TOKEN: 'test-token',
      ...run.environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  run.onStart?.(child)
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    run.onOutput?.(child, out)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(run.input ?? '')
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out: linesOf(out), err: linesOf(err) }
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/)
}
