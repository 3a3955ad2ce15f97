/**
 * Password hashes: scrypt, as `scrypt$N$r$p$salt$hash` with salt and hash in base64url. Old installations
 * bring `sha256$<hex>`, which is accepted until the next login replaces it.
 *
 * A hash takes 32 MB and some 80 ms of one core, so only a few run at once and a bounded number waits.
 * Programs that send a password with every request do not pay that every time: what has proved right is
 * remembered in this process as an HMAC under a key that exists nowhere else.
 */
import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { InvalidError, OverloadedError } from '../errors.ts'

export interface PasswordsOptions {
  /** scrypt's N, a power of two. Less than the default is for tests. */
  readonly cost?: number
  /** Hashes computed at the same time. */
  readonly runningMax?: number
  /** Hashes waiting for their turn. */
  readonly waitingMax?: number
}

const DEFAULT_OPTIONS = { cost: 2 ** 15, runningMax: 2, waitingMax: 64 }
const BLOCK_SIZE = 8
const PARALLELISM = 1
const SALT_BYTES = 16
const HASH_BYTES = 32
const PASSWORD_CHARS_MAX = 1_024
const REMEMBERED_MAX = 10_000
const RETRY_AFTER_MS = 1_000

const computeScrypt = promisify<
  string,
  Buffer,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt)

export class Passwords {
  readonly #options: Required<PasswordsOptions>
  readonly #rememberKey = randomBytes(32)
  readonly #dummy: string
  /** HMACs of pairs of hash and password that belong together, the oldest first. */
  #remembered = new Set<string>()
  /** Checks under way, so that many connections opening at once with one password cost one hash. */
  #underWay = new Map<string, Promise<boolean>>()
  #running = 0
  #waiting: (() => void)[] = []

  constructor(options: PasswordsOptions = {}) {
    this.#options = { ...DEFAULT_OPTIONS, ...options }
    this.#dummy = this.#encode(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES))
  }

  /**
   * @throws {InvalidError} the password is empty or over 1,024 characters.
   * @throws {OverloadedError} too many hashes are waiting.
   */
  async hash(password: string): Promise<string> {
    if (password === '') throw InvalidError.field('password', 'This field may not be blank.')
    if (password.length > PASSWORD_CHARS_MAX) {
      throw InvalidError.field('password', `A password has at most ${PASSWORD_CHARS_MAX} characters.`)
    }
    const salt = randomBytes(SALT_BYTES)
    const { cost } = this.#options
    const hash = await this.#compute(password, {
      salt,
      cost,
      blockSize: BLOCK_SIZE,
      parallelism: PARALLELISM,
    })
    return this.#encode(salt, hash)
  }

  /**
   * Whether `password` is the one that `encoded` was made of. Takes the same time when it is not, when
   * `encoded` is undefined (there is no such account), and when it is an old SHA-256.
   * @throws {OverloadedError} too many hashes are waiting.
   */
  async verify(password: string, encoded: string | undefined): Promise<boolean> {
    if (password.length > PASSWORD_CHARS_MAX) return false
    const key = createHmac('sha256', this.#rememberKey)
      .update(`${encoded ?? this.#dummy}\0${password}`)
      .digest('base64url')
    if (this.#remembered.has(key)) return true
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const check = this.#check(password, encoded)
    this.#underWay.set(key, check)
    try {
      const isRight = await check
      if (isRight) this.#remember(key)
      return isRight
    } finally {
      this.#underWay.delete(key)
    }
  }

  /** Whether a hash is in another form than `hash` makes now and should be replaced by one. */
  isOutdated(encoded: string): boolean {
    return !encoded.startsWith(`scrypt$${this.#options.cost}$${BLOCK_SIZE}$${PARALLELISM}$`)
  }

  async #check(password: string, encoded: string | undefined): Promise<boolean> {
    const scryptHash = parseScrypt(encoded ?? this.#dummy)
    if (scryptHash === undefined) {
      // Not scrypt: one is computed all the same, so that the time does not tell.
      await this.#compute(password, parseScrypt(this.#dummy)!)
      return matchesSha256(password, encoded!)
    }
    const computed = await this.#compute(password, scryptHash)
    return timingSafeEqual(computed, scryptHash.hash) && encoded !== undefined
  }

  async #compute(
    password: string,
    { salt, cost, blockSize, parallelism }: Omit<ScryptHash, 'hash'>,
  ): Promise<Buffer> {
    await this.#takeTurn()
    try {
      const maxmem = 2 * 128 * cost * blockSize
      return await computeScrypt(password, salt, HASH_BYTES, {
        N: cost,
        r: blockSize,
        p: parallelism,
        maxmem,
      })
    } finally {
      this.#passTurn()
    }
  }

  async #takeTurn(): Promise<void> {
    if (this.#running < this.#options.runningMax) {
      this.#running++
      return
    }
    if (this.#waiting.length >= this.#options.waitingMax) {
      throw new OverloadedError('Too many logins at once.', RETRY_AFTER_MS)
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** The turn goes to the one who has waited longest, or back. */
  #passTurn(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running--
    else next()
  }

  #remember(key: string): void {
    if (this.#remembered.size >= REMEMBERED_MAX) {
      const [oldest] = this.#remembered
      this.#remembered.delete(oldest)
    }
    this.#remembered.add(key)
  }

  #encode(salt: Buffer, hash: Buffer): string {
    const parameters = `${this.#options.cost}$${BLOCK_SIZE}$${PARALLELISM}`
    return `scrypt$${parameters}$${salt.toString('base64url')}$${hash.toString('base64url')}`
  }
}

interface ScryptHash {
  readonly cost: number
  readonly blockSize: number
  readonly parallelism: number
  readonly salt: Buffer
  readonly hash: Buffer
}

function parseScrypt(encoded: string): ScryptHash | undefined {
  const [scheme, cost, blockSize, parallelism, salt, hash] = encoded.split('$')
  if (scheme !== 'scrypt') return undefined
  return {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  }
}

/** Any other text than `sha256$<hex>` matches nothing: an account that cannot log in with a password. */
function matchesSha256(password: string, encoded: string): boolean {
  const [scheme, hex] = encoded.split('$')
  if (scheme !== 'sha256') return false
  const expected = Buffer.from(hex ?? '', 'hex')
  const computed = createHash('sha256').update(password).digest()
  return expected.length === computed.length && timingSafeEqual(computed, expected)
}
