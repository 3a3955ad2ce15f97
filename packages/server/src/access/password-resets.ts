/**
 * Passwords that were forgotten. The server sends no mail: a request is noted and its operator told, who makes
 * a token for the account and hands it over in a way that is surely the owner's. Whether there is an account is
 * not told, neither by the answer nor by the time it takes.
 */
import { findAccount, findAccountByLoginName, setPasswordHash } from '../catalog/accounts.ts'
import { inTransaction } from '../catalog/in-transaction.ts'
import type { Page, Paged } from '../catalog/page.ts'
import {
  findResetByHash,
  listRequestedResets,
  noteResetRequest,
  type RequestedReset,
  setResetToken,
  sweepResets,
  takeReset,
} from '../catalog/password-resets.ts'
import type { AccountRow, CatalogDb } from '../catalog/schema.ts'
import { revokeLoginTokens } from '../catalog/tokens.ts'
import { InvalidError, NotFoundError, OverloadedError } from '../errors.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import { US_PER_DAY, US_PER_HOUR } from '../model/time.ts'
import type { Authenticator } from './authenticator.ts'
import type { Caller } from './caller.ts'
import type { Passwords } from './passwords.ts'
import { requireStaff } from './permissions.ts'
import { RateLimiter } from './rate-limit.ts'
import { hashToken, randomToken } from './tokens.ts'

export interface PasswordResetsOptions {
  readonly db: CatalogDb
  readonly passwords: Passwords
  readonly authenticator: Authenticator
  readonly clock?: Clock
  /** Somebody asks for the first time within an hour. */
  readonly onRequested?: (account: Pick<AccountRow, 'slug' | 'username'>) => void
  /** A request could not be noted. */
  readonly onFailure?: (error: unknown) => void
}

export interface IssuedReset {
  /** The token itself, which nobody can read again. */
  readonly text: string
  readonly expiresAtUs: number
}

const TOKEN_LIFE_US = US_PER_HOUR
const ASKED_AGAIN_US = US_PER_HOUR
const REQUEST_LIFE_US = 7 * US_PER_DAY
/** Requests that are being noted; a few milliseconds each. */
const PENDING_MAX = 100
/** In 15 minutes. */
const PER_NAME_MAX = 5
const PER_ADDRESS_MAX = 20

export class PasswordResets {
  readonly #options: PasswordResetsOptions
  readonly #clock: Clock
  readonly #limiter: RateLimiter
  readonly #pending = new Set<Promise<void>>()

  constructor(options: PasswordResetsOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#limiter = new RateLimiter({
      perAccountMax: PER_NAME_MAX,
      perAddressMax: PER_ADDRESS_MAX,
      counted: 'requests',
      clock: this.#clock,
    })
  }

  /**
   * Notes that somebody wants a new password, after it has returned.
   * @throws {RateLimitedError} too many requests from this address, or from it for this name.
   * @throws {OverloadedError} too many at once.
   */
  request({ name, address }: { name: string; address: string }): void {
    const attempt = { address, account: name.trim().toLowerCase() }
    this.#limiter.check(attempt)
    this.#limiter.failed(attempt)
    if (this.#pending.size >= PENDING_MAX) throw new OverloadedError('Too many requests at once', 1_000)
    const noting = this.#note(name).catch((error: unknown) => this.#options.onFailure?.(error))
    this.#pending.add(noting)
    void noting.finally(() => this.#pending.delete(noting))
  }

  /** Who asked, the latest first; includes requests that were still being noted. */
  async list(caller: Caller, page: Page): Promise<Paged<RequestedReset>> {
    requireStaff(caller)
    await this.settled()
    return listRequestedResets(this.#options.db, page)
  }

  /**
   * A token for whoever staff hand it to: good once, for an hour, in place of any earlier one.
   * @throws {ForbiddenError} the caller is not staff.
   * @throws {NotFoundError} no such account.
   */
  async issue(caller: Caller, accountId: number): Promise<IssuedReset> {
    requireStaff(caller)
    const { db } = this.#options
    if ((await findAccount(db, accountId)) === undefined) throw new NotFoundError()
    const text = randomToken()
    const expiresAtUs = this.#clock.nowUs() + TOKEN_LIFE_US
    await setResetToken(db, { accountId, hash: hashToken(text), expiresAtUs })
    return { text, expiresAtUs }
  }

  /**
   * Sets a password with a token, which is used up, and ends all sessions of the account.
   * @throws {InvalidError} the token is not good, or the password is empty or too long.
   * @throws {RateLimitedError} too many tokens that are not good came from this address.
   */
  async confirm({ text, password, address }: { text: string; password: string; address: string }) {
    const { db, passwords, authenticator } = this.#options
    this.#limiter.check({ address })
    const hash = hashToken(text)
    const nowUs = this.#clock.nowUs()
    const reset = await findResetByHash(db, hash)
    if (reset === undefined || (reset.expires_at_us ?? 0) <= nowUs) {
      this.#limiter.failed({ address })
      throw invalidToken()
    }
    const passwordHash = await passwords.hash(password)
    const { account_id: accountId } = reset
    await inTransaction(db, async (db) => {
      if (!(await takeReset(db, { accountId, hash }))) throw invalidToken()
      await setPasswordHash(db, { id: accountId, passwordHash, nowUs })
      await revokeLoginTokens(db, { accountId, nowUs })
    })
    authenticator.forgetAccount(accountId)
  }

  /** Forgets requests after a week; for a timer of some hours. */
  async sweep(): Promise<void> {
    const nowUs = this.#clock.nowUs()
    await sweepResets(this.#options.db, { beforeUs: nowUs - REQUEST_LIFE_US, nowUs })
  }

  /** Resolves when all requests so far are noted. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  async #note(name: string): Promise<void> {
    const { db, onRequested } = this.#options
    const account = await findAccountByLoginName(db, name.trim())
    if (account === undefined) return
    const nowUs = this.#clock.nowUs()
    const beforeUs = await noteResetRequest(db, { accountId: account.id, nowUs })
    if (beforeUs === null || nowUs - beforeUs >= ASKED_AGAIN_US) onRequested?.(account)
  }
}

function invalidToken(): InvalidError {
  return InvalidError.field('token', 'This token is not good, was used, or is too old. Ask for another one.')
}
