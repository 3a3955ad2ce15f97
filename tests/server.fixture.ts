/** A server as its users start it: a process of its own, a data folder in /tmp, a free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '../packages/server/src/main.js')

export const ADMIN = {
  username: 'admin',
  email: 'admin@localhost',
  password: 'correct horse',
  token: 'test-token',
}

/** An answer whose body a test takes apart as it likes. */
export type Reply = Omit<Response, 'json'> & { json(): Promise<any> }

export interface RunningServer {
  readonly url: string
  readonly folder: string
  /** What it printed so far. */
  readonly printed: () => string
  /** Asks the native API as the administrator; JSON in and out unless told otherwise. */
  request(path: string, init?: RequestInit): Promise<Reply>
  /** Ends the process with a signal; resolves to its exit code, or null after a kill. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sonde-test-'))
}

/** Starts a server on a folder, and waits until it takes requests. */
export async function startServer(
  folder: string,
  environment: Record<string, string> = {},
): Promise<RunningServer> {
  const child = spawnServer(folder, environment)
  const output = collect(child)
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const url = await Promise.race([urlOf(child, output), ended.then(() => undefined)])
  if (url === undefined) throw new Error(`The server did not start: ${output.text}`)
  return {
    url,
    folder,
    printed: () => output.text,
    request(path, init = {}) {
      const headers = {
        authorization: `Token ${ADMIN.token}`,
        'content-type': 'application/json',
        ...init.headers,
      }
      return fetch(`${url}/api/v1/${path}`, { ...init, headers })
    },
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** The process alone, which may be ended before it takes requests. */
export function spawnServer(folder: string, environment: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      SONDE_HOST: '127.0.0.1',
      SONDE_PORT: '0',
      SONDE_DATA_DIR: folder,
      SONDE_INIT_PASSWORD: ADMIN.password,
      SONDE_INIT_TOKEN: ADMIN.token,
      SONDE_LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Ends the server and deletes its folder. */
export async function discardServer(server: RunningServer): Promise<void> {
  await server.end()
  await rm(server.folder, { recursive: true, force: true })
}

export async function operatorFile(folder: string): Promise<{ url: string; token: string; pid: number }> {
  return JSON.parse(await readFile(join(folder, 'operator.json'), 'utf8'))
}

function collect(child: ChildProcess): { text: string } {
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output.text += text
    })
  }
  return output
}

function urlOf(child: ChildProcess, output: { text: string }): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.on('data', () => {
      const match = /serves (http:\/\/\S+)/.exec(output.text)
      if (match) resolve(match[1])
    })
  })
}
