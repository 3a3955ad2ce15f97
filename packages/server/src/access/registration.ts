/** New accounts, from whichever protocol. */
import { createAccount } from '../catalog/accounts.ts'
import type { AccountRow, CatalogDb } from '../catalog/schema.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import type { Passwords } from './passwords.ts'

export interface Registration {
  readonly username: string
  readonly email?: string | null
  readonly name?: string
  readonly password: string
  /** Whether it may log in at once; a self-registered account waits for staff. */
  readonly isActive: boolean
}

/**
 * The password is hashed before anything is stored, so this is no part of a caller's transaction.
 * @throws {InvalidError} a name, e-mail address or password is malformed or taken; `fields` says which.
 * @throws {OverloadedError} too many hashes are waiting.
 */
export async function registerAccount(
  { db, passwords, clock = systemClock }: { db: CatalogDb; passwords: Passwords; clock?: Clock },
  { username, email = null, name = '', password, isActive }: Registration,
): Promise<AccountRow> {
  const password_hash = await passwords.hash(password)
  return createAccount(db, {
    username,
    email,
    name,
    password_hash,
    is_active: isActive ? 1 : 0,
    created_at_us: clock.nowUs(),
  })
}
