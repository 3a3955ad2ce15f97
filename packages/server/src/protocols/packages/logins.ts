/**
 * Who may use packages: every active account, and those that registered themselves here, which may do nothing
 * else. A token of this API opens this API only; credentials of the native API are good here too.
 */
import { hash, randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Authenticator, PasswordLogin } from '../../access/authenticator.ts'
import type { Scope } from '../../access/caller.ts'
import type { Passwords } from '../../access/passwords.ts'
import { requireScope } from '../../access/permissions.ts'
import type { RateLimiter } from '../../access/rate-limit.ts'
import { RefusedError } from '../../access/refusal.ts'
import {
  createAccount,
  findAccount,
  findAccountByLoginName,
  findAccountBySlug,
} from '../../catalog/accounts.ts'
import { inTransaction } from '../../catalog/in-transaction.ts'
import { createPackageToken, findPackageToken, revokePackageToken } from '../../catalog/package-tokens.ts'
import { addPackageUser, mayUsePackages } from '../../catalog/package-users.ts'
import type { AccountRow, CatalogDb } from '../../catalog/schema.ts'
import { slugFromUsername } from '../../catalog/slug-text.ts'
import type { Publisher } from '../../catalog/tag-changes.ts'
import type { PackagesConfig } from '../../config.ts'
import {
  ConflictError,
  ForbiddenError,
  InvalidError,
  NotFoundError,
  UnauthenticatedError,
} from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import { US_PER_S } from '../../model/time.ts'

export interface LoginServices {
  readonly config: PackagesConfig
  readonly catalog: CatalogDb
  readonly clock: Clock
  readonly authenticator: Authenticator
  readonly passwords: Passwords
  /** Counts registrations by address. */
  readonly registrations: RateLimiter
}

export interface PackageCaller extends Publisher {
  /** Of a token of this API; undefined for credentials of the native one. */
  readonly tokenId: string | undefined
}

/** Clients of the older service look for this text in a token; what follows it is random. */
const TOKEN_MARK = 'aValidToken'
const TOKEN_BYTES = 32

export class PackageLogins {
  readonly #services: LoginServices

  constructor(services: LoginServices) {
    this.#services = services
  }

  /**
   * A new account, which may use packages only until staff make it active.
   * @throws {ForbiddenError} registration is closed.
   * @throws {ConflictError} the name, or one that looks like it, is taken.
   * @throws {RateLimitedError} too many registrations from the address.
   */
  async register({ name, password, address }: PasswordLogin): Promise<void> {
    const { catalog, clock, config, passwords, registrations } = this.#services
    if (config.registration === 'closed') {
      throw new ForbiddenError('registration is closed; ask the staff of this server for an account')
    }
    registrations.check({ address })
    if (await this.#isTaken(name)) throw new ConflictError(NAME_TAKEN)
    registrations.failed({ address })
    const password_hash = await passwords.hash(password)
    await inTransaction(catalog, async (db) => {
      const account = await createAccount(db, { username: name, password_hash, created_at_us: clock.nowUs() })
      await addPackageUser(db, account.id)
    }).catch(async (error) => {
      const isTaken = error instanceof InvalidError && (await this.#isTaken(name))
      throw isTaken ? new ConflictError(NAME_TAKEN) : error
    })
  }

  /**
   * The account of a user name and password.
   * @throws {NotFoundError} no such user.
   * @throws {UnauthenticatedError} another password.
   * @throws {ForbiddenError} the account was shut out.
   * @throws {RateLimitedError} too many failures before.
   */
  async checkPassword(login: PasswordLogin): Promise<AccountRow> {
    try {
      return await this.#services.authenticator.checkPassword(login)
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      if (error.reason === 'unknown_user') throw new NotFoundError('username not found')
      if (error.reason !== 'inactive') throw new UnauthenticatedError('password is incorrect')
      // The password was right, so that the account may be told what is the matter.
      const account = await findAccountByLoginName(this.#services.catalog, login.name)
      if (account && (await mayUsePackages(this.#services.catalog, account))) return account
      throw new ForbiddenError('account is not active')
    }
  }

  /** A token for an account whose password was right a moment ago. */
  async issueToken(account: AccountRow): Promise<string> {
    const { catalog, clock, config } = this.#services
    const text = `${TOKEN_MARK}-${randomBytes(TOKEN_BYTES).toString('base64url')}`
    const nowUs = clock.nowUs()
    await inTransaction(catalog, async (db) => {
      const current = await findAccount(db, account.id)
      // The password may have changed while it was being checked.
      if (current?.credentials_changed_at_us !== account.credentials_changed_at_us) {
        throw new UnauthenticatedError('password is incorrect')
      }
      await createPackageToken(db, {
        account_id: account.id,
        hash: hash('sha256', text, 'hex'),
        created_at_us: nowUs,
        expires_at_us: nowUs + config.tokenLifeS * US_PER_S,
      })
    })
    return text
  }

  async revokeToken(id: string): Promise<void> {
    const { catalog, clock } = this.#services
    await revokePackageToken(catalog, { id, nowUs: clock.nowUs() })
  }

  /**
   * Who sends a request, by its `token` header, or by an `Authorization` header as the native API reads it.
   * @throws {UnauthenticatedError} neither is there, or it is not good.
   * @throws {ForbiddenError} a token of the native API without the scope, or limited to a part of the model.
   */
  async callerOf({ headers, ip }: FastifyRequest, scope: Scope): Promise<PackageCaller> {
    const { token } = headers
    if (token !== undefined) return this.#byToken(String(token))
    const { authenticator } = this.#services
    const caller = await authenticator.byAuthorizationHeader(headers.authorization, ip)
    if (caller === undefined) throw new UnauthenticatedError('Token not provided')
    requireScope(caller, scope)
    if (caller.limit !== undefined) throw new ForbiddenError('This token is limited and opens no packages.')
    return { accountId: caller.accountId, isStaff: caller.isStaff, tokenId: undefined }
  }

  async #byToken(text: string): Promise<PackageCaller> {
    const { catalog, clock } = this.#services
    if (!text.includes(TOKEN_MARK)) throw new UnauthenticatedError('Invalid Token')
    const row = await findPackageToken(catalog, hash('sha256', text, 'hex'))
    if (row === undefined) throw new UnauthenticatedError('Unable to find user')
    const account = await findAccount(catalog, row.account_id)
    const isGood =
      row.revoked_at_us === null &&
      row.expires_at_us > clock.nowUs() &&
      account !== undefined &&
      row.created_at_us >= account.credentials_changed_at_us &&
      (await mayUsePackages(catalog, account))
    if (!isGood) throw new UnauthenticatedError('Invalid Token')
    return {
      accountId: account.id,
      isStaff: account.is_staff === 1 && account.is_active === 1,
      tokenId: row.id,
    }
  }

  async #isTaken(username: string): Promise<boolean> {
    return (await findAccountBySlug(this.#services.catalog, slugFromUsername(username))) !== undefined
  }
}

const NAME_TAKEN = 'username is already in use'
