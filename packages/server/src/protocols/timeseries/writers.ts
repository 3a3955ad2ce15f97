/**
 * Who writes: a user of the operator's file, or an account with an API token of this server. The token comes in
 * the body or in the `Authorization` header; the body wins.
 */
import type { Authenticator } from '../../access/authenticator.ts'
import type { Caller } from '../../access/caller.ts'
import { RefusedError } from '../../access/refusal.ts'
import { findAccount } from '../../catalog/accounts.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { ForbiddenError } from '../../errors.ts'
import type { FileUser, UserFile } from './user-file.ts'

export interface Writer {
  /** As a series keeps it. */
  readonly owner: string
  /** User name of the account that a user of the file stands for, if there is one. */
  readonly name: string
  /** For an API token: its account has to be allowed what it does. */
  readonly caller: Caller | undefined
}

export interface Credentials {
  /** The member `token` of the body. */
  readonly token: unknown
  readonly authorization: string | undefined
  readonly address: string
}

const TOKEN_CHARS_SHOWN = 64

export class Writers {
  readonly #services: { authenticator: Authenticator; catalog: CatalogDb; users: UserFile | undefined }

  constructor(services: { authenticator: Authenticator; catalog: CatalogDb; users: UserFile | undefined }) {
    this.#services = services
  }

  /**
   * @throws {ForbiddenError} no token, or one that nobody has.
   * @throws {RateLimitedError} too many failures before.
   */
  async find({ token: given, authorization, address }: Credentials): Promise<Writer> {
    const { authenticator, users } = this.#services
    const token = given ?? /^\s*(?:bearer|token)\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1]
    if (token === undefined || token === null) {
      throw new ForbiddenError('Authentication token is required for access.')
    }
    const text = typeof token === 'string' ? token : JSON.stringify(token)
    const user = users?.find(text)
    if (user !== undefined) return writerOf(user)
    try {
      const caller = await authenticator.byToken(text, address)
      return { owner: `account ${caller.accountId}`, name: caller.username, caller }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      // The operator may have put somebody into the file a moment ago.
      await users?.refresh()
      const newUser = users?.find(text)
      if (newUser !== undefined) return writerOf(newUser)
      throw new ForbiddenError(`Token ${text.slice(0, TOKEN_CHARS_SHOWN)} doesn't exist`)
    }
  }

  /** The name that a list of series shows; undefined when the owner has no token any more. */
  async nameOf(owner: string): Promise<string | undefined> {
    const [kind, id] = owner.split(' ')
    if (kind === 'user') return this.#services.users?.nameOf(Number(id))
    const account = await findAccount(this.#services.catalog, Number(id))
    return account?.is_active === 1 ? account.username : undefined
  }
}

function writerOf({ id, name }: FileUser): Writer {
  return { owner: `user ${id}`, name, caller: undefined }
}
