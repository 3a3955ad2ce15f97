/** The user named in an import, who may log in to this API from then on. */
import type { Passwords } from '../../access/passwords.ts'
import { createAccount, findAccountByUsername, type NewAccount } from '../../catalog/accounts.ts'
import {
  addElectricityUser,
  hasElectricityUsers,
  isElectricityUser,
} from '../../catalog/electricity-users.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { ConflictError, InvalidError } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'

export interface ImportUser {
  readonly name: string
  readonly password: string
}

/** What the import's transaction has to do about its user. */
export type UserPlan =
  | { readonly kind: 'create'; readonly account: NewAccount }
  | { readonly kind: 'let_in'; readonly accountId: number }
  | { readonly kind: 'nothing' }

interface UserServices {
  readonly catalog: CatalogDb
  readonly passwords: Passwords
  readonly clock: Clock
}

const NAME_CHARS_MAX = 10

/**
 * Reads `name:password`; the password may hold colons.
 * @throws {InvalidError} no colon, or an empty part.
 */
export function parseImportUser(text: string): ImportUser {
  const colon = text.indexOf(':')
  const user = { name: text.slice(0, Math.max(0, colon)), password: text.slice(colon + 1) }
  if (user.name === '' || user.password === '') throw new InvalidError('Give the user as name:password')
  return user
}

/**
 * Hashes or checks the password, so that no transaction has to wait for it. An account that exists is left
 * alone; one that was never let in before must have this very password, or whoever registered the name
 * first would be let in.
 * @throws {InvalidError} no user is given and nobody may log in yet, or a new one's name is too long.
 * @throws {ConflictError} the name belongs to an account with another password.
 */
export async function prepareUser(services: UserServices, user: ImportUser | undefined): Promise<UserPlan> {
  const { catalog, passwords, clock } = services
  if (user === undefined) {
    if (await hasElectricityUsers(catalog)) return { kind: 'nothing' }
    throw new InvalidError('Nobody may log in to the electricity API yet; give a user as name:password')
  }
  const account = await findAccountByUsername(catalog, user.name)
  if (account === undefined) {
    if ([...user.name].length > NAME_CHARS_MAX) {
      throw new InvalidError(`A new user's name has at most ${NAME_CHARS_MAX} characters`)
    }
    const password_hash = await passwords.hash(user.password)
    const names = { username: user.name, is_active: 1, created_at_us: clock.nowUs() }
    return { kind: 'create', account: { ...names, password_hash } }
  }
  if (await isElectricityUser(catalog, account.id)) return { kind: 'nothing' }
  if (await passwords.verify(user.password, account.password_hash)) {
    return { kind: 'let_in', accountId: account.id }
  }
  throw new ConflictError(
    `The account ${user.name} exists with another password and is not a user of this API`,
  )
}

/** Within the import's transaction. */
export async function storeUser(db: CatalogDb, plan: UserPlan): Promise<void> {
  if (plan.kind === 'nothing') return
  const accountId = plan.kind === 'create' ? (await createAccount(db, plan.account)).id : plan.accountId
  await addElectricityUser(db, accountId)
}
