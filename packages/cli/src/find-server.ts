/**
 * Finds the server that a command talks to: the one that is named, else the one that its user has logged in
 * to, else the one that runs on the data folder, else one of its own in this process, which goes through the
 * same door and ends with the command. Whoever sets SONDE_DATA_DIR means that folder, login or not.
 */
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Connection, type ServerAddress } from './connection.ts'
import { Failure } from './failure.ts'
import { type Login, readLogin } from './login-file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface ServerOptions {
  readonly url?: string
  readonly token?: string
}

export interface FoundServer {
  readonly address: ServerAddress
  readonly connection: Connection
  /** Whether it was started for this command and ends with it. */
  readonly isOwn: boolean
  /** Ends the server if it was started for this command. */
  close(): Promise<void>
}

interface OperatorFile extends ServerAddress {
  readonly pid: number
}

const ANSWER_MS_MAX = 2_000

/**
 * @param mayCreate Whether a data folder is made where there is none.
 * @throws {Failure} there is no such server, and how to get one.
 */
export async function findServer(
  options: ServerOptions,
  environment: Environment,
  { mayCreate = false }: { mayCreate?: boolean } = {},
): Promise<FoundServer> {
  const token = options.token ?? (environment.SONDE_TOKEN || undefined)
  const elsewhere = await namedServer(options, environment)
  if (elsewhere !== undefined) return found(withToken(elsewhere, token))
  const folder = dataFolder(environment)
  const operator = await readOperatorFile(folder)
  if (operator !== undefined && (await isRunning(operator))) {
    return found({ url: operator.url, token: token ?? operator.token })
  }
  if (!mayCreate && !(await hasCatalog(folder))) {
    throw new Failure(
      `No Sonde runs here, and ${folder} holds no data. Start one with "sonde serve", set SONDE_DATA_DIR to ` +
        'the folder of yours, or reach one elsewhere with "sonde login" or SONDE_URL and SONDE_TOKEN',
    )
  }
  return startHere(environment, folder)
}

export function dataFolder(environment: Environment): string {
  return environment.SONDE_DATA_DIR || './data'
}

/** A server that the command line, the environment or a login names. */
export async function namedServer(
  options: ServerOptions,
  environment: Environment,
): Promise<{ readonly url: string; readonly login?: Login } | undefined> {
  const named = options.url ?? (environment.SONDE_URL || undefined)
  if (named === undefined && environment.SONDE_DATA_DIR) return undefined
  const login = await readLogin(environment)
  if (named === undefined) return login && { url: login.url, login }
  const url = serverUrl(named)
  return login?.url === url ? { url, login } : { url }
}

/** The address as it is kept, without a slash at the end. @throws {Failure} it is none. */
export function serverUrl(text: string): string {
  const parsed = URL.parse(text)
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new Failure(`"${text}" is no address of a server, such as http://localhost:8080`)
  }
  if (parsed.username || parsed.password) {
    throw new Failure('Leave user and password out of the address; "sonde login" asks for them')
  }
  return text.replace(/\/+$/, '')
}

function withToken({ url, login }: { url: string; login?: Login }, token: string | undefined): ServerAddress {
  if (token !== undefined) return { url, token }
  if (login !== undefined) return { url, token: login.token, isLogin: true }
  throw new Failure(
    `A token is needed for ${url}. Run "sonde login ${url}", set SONDE_TOKEN, or give --token`,
  )
}

function found(address: ServerAddress): FoundServer {
  return { address, connection: new Connection(address), isOwn: false, close: async () => {} }
}

/** Undefined when there is none, or it is half written. */
async function readOperatorFile(folder: string): Promise<OperatorFile | undefined> {
  const path = join(folder, 'operator.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new Failure(
      `${path} cannot be read (${code}). Run the command as the user whose server uses the folder, or set ` +
        'SONDE_URL and SONDE_TOKEN',
    )
  }
  try {
    return JSON.parse(text) as OperatorFile
  } catch {
    return undefined
  }
}

/** A file that a killed server left behind names a process that is gone. */
async function isRunning({ url, pid }: OperatorFile): Promise<boolean> {
  if (!isAlive(pid)) return false
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process is alive as well.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function hasCatalog(folder: string): Promise<boolean> {
  return access(join(folder, 'catalog.db')).then(
    () => true,
    () => false,
  )
}

async function startHere(environment: Environment, folder: string): Promise<FoundServer> {
  // Most commands do without the server, and then without the time that loading it takes.
  const { startLocalServer } = await import('./local-server.ts')
  const server = await startLocalServer(environment)
  const operator = await readOperatorFile(folder)
  if (operator === undefined) {
    await server.stop()
    throw new Failure(`${folder} has no active administrator. Start "sonde serve" and look into its log`)
  }
  return { ...found(operator), isOwn: true, close: () => server.stop() }
}
