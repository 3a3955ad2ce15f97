/**
 * The operator's list of people who may write: a JSON object of tokens, each with the name and number of its
 * user, in the form of the original service. It is read again when the file has changed.
 */
import { hash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { InvalidError } from '../../errors.ts'

export interface FileUser {
  readonly id: number
  readonly name: string
}

interface Users {
  /** By the SHA-256 of the token, so that looking one up takes the same time whatever is wrong with it. */
  readonly byHash: ReadonlyMap<string, FileUser>
  readonly names: ReadonlyMap<number, string>
}

export interface UserFileOptions {
  readonly path: string
  /** Hears of a change that cannot be read. */
  onProblem(error: unknown): void
}

const FILE_BYTES_MAX = 4 * 1024 * 1024
const EXAMPLE = '{"<long random token>": {"name": "Robin", "id": 1}}'

export class UserFile {
  readonly #path: string
  readonly #onProblem: (error: unknown) => void
  #users: Users
  /** Of the file that was read last. */
  #mark: string
  #underWay: Promise<void> | undefined

  private constructor({ path, onProblem }: UserFileOptions, { users, mark }: { users: Users; mark: string }) {
    this.#path = path
    this.#onProblem = onProblem
    this.#users = users
    this.#mark = mark
  }

  /** @throws {InvalidError} the file cannot be read, or is not in the form described above. */
  static async open(options: UserFileOptions): Promise<UserFile> {
    const mark = await markOf(options.path)
    return new UserFile(options, { users: await readUsers(options.path), mark })
  }

  find(token: string): FileUser | undefined {
    return this.#users.byHash.get(hashOf(token))
  }

  nameOf(id: number): string | undefined {
    return this.#users.names.get(id)
  }

  /**
   * Reads the file again if it has changed. With one that cannot be read the users stay as they were, and the
   * problem is told once.
   */
  refresh(): Promise<void> {
    this.#underWay ??= this.#refresh().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #refresh(): Promise<void> {
    const mark = await markOf(this.#path)
    if (mark === this.#mark) return
    this.#mark = mark
    try {
      this.#users = await readUsers(this.#path)
    } catch (error) {
      this.#onProblem(error)
    }
  }
}

/** What changes when somebody writes the file; a missing one has a mark as well. */
async function markOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'missing'
  }
}

async function readUsers(path: string): Promise<Users> {
  const problem = (reason: string) =>
    new InvalidError(`SONDE_TIMESERIES_USERS is "${path}": ${reason}; it must hold ${EXAMPLE}`)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw problem(`the file cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  if (text.length > FILE_BYTES_MAX) throw problem(`the file is larger than ${FILE_BYTES_MAX} bytes`)
  let entries: unknown
  try {
    entries = JSON.parse(text)
  } catch {
    // What the parser says quotes the file, and with it tokens.
    throw problem('the file is no JSON')
  }
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw problem('the file is no JSON object')
  }
  const byHash = new Map<string, FileUser>()
  const names = new Map<number, string>()
  for (const [position, [token, user]] of Object.entries(entries).entries()) {
    if (!isUser(user) || token === '') throw problem(`entry ${position + 1} is not a token with name and id`)
    byHash.set(hashOf(token), { id: user.id, name: user.name })
    if (!names.has(user.id)) names.set(user.id, user.name)
  }
  return { byHash, names }
}

function isUser(value: unknown): value is FileUser {
  const { id, name } = Object(value) as Partial<Record<keyof FileUser, unknown>>
  return Number.isSafeInteger(id) && typeof name === 'string' && name !== ''
}

function hashOf(token: string): string {
  return hash('sha256', token)
}
