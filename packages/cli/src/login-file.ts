/** Who has logged in where: a file in the user's configuration folder that nobody else can read. */
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from './failure.ts'
import type { Environment } from './find-server.ts'

export interface Login {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string
  readonly username: string
}

/** Undefined where the environment names no home. */
function folderOf({ XDG_CONFIG_HOME, HOME }: Environment): string | undefined {
  if (XDG_CONFIG_HOME) return join(XDG_CONFIG_HOME, 'sonde')
  return HOME ? join(HOME, '.config', 'sonde') : undefined
}

/** Undefined when nobody has logged in. @throws {Failure} the file is there and cannot be used. */
export async function readLogin(environment: Environment): Promise<Login | undefined> {
  const folder = folderOf(environment)
  if (folder === undefined) return undefined
  const path = join(folder, 'login.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new Failure(`${path} cannot be read (${code}). Run "sonde login" again, or remove it`)
  }
  const login = parsed(text)
  if (login === undefined) {
    throw new Failure(`${path} is not what "sonde login" writes. Run that again, or remove the file`)
  }
  return login
}

/** Resolves to where it was written. @throws {Failure} it cannot be. */
export async function writeLogin(environment: Environment, login: Login): Promise<string> {
  const folder = folderOf(environment)
  if (folder === undefined) {
    throw new Failure('There is no place to keep the login: set HOME or XDG_CONFIG_HOME')
  }
  const path = join(folder, 'login.json')
  const draft = `${path}.${process.pid}`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // A folder that was there already keeps its mode otherwise.
    await chmod(folder, 0o700)
    await writeFile(draft, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    throw new Failure(`The login cannot be kept in ${path}: ${(error as Error).message}`)
  }
  return path
}

export async function deleteLogin(environment: Environment): Promise<void> {
  const folder = folderOf(environment)
  if (folder !== undefined) await rm(join(folder, 'login.json'), { force: true })
}

function parsed(text: string): Login | undefined {
  try {
    const login = Object(JSON.parse(text))
    const isWhole = ['url', 'token', 'username'].every((key) => typeof login[key] === 'string')
    return isWhole ? login : undefined
  } catch {
    return undefined
  }
}
