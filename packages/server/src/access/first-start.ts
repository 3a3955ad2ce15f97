/**
 * The first start of an installation: an administrator, an organisation of theirs and a token for all of
 * it, so that there is somebody who can do everything else.
 */
import { randomInt } from 'node:crypto'
import { createAccount } from '../catalog/accounts.ts'
import { inTransaction } from '../catalog/in-transaction.ts'
import { createOrg } from '../catalog/orgs.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import { getSetting, setSettingOnce } from '../catalog/settings.ts'
import { InvalidError } from '../errors.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import { formatIsoUs } from '../model/time.ts'
import { ALL_SCOPES } from './caller.ts'
import type { Passwords } from './passwords.ts'
import { issueToken } from './tokens.ts'

/** What the operator chose; the rest is generated or takes its default. */
export interface FirstStartChoices {
  readonly username: string | undefined
  readonly email: string | undefined
  readonly password: string | undefined
  readonly token: string | undefined
  readonly org: string | undefined
}

/** To be printed once: nobody can read the password and the token again. */
export interface FirstStart {
  readonly username: string
  readonly email: string
  readonly org: string
  /** Only when it was generated. */
  readonly password: string | undefined
  /** Only when it was generated. */
  readonly token: string | undefined
}

const SETTING = 'first_start'

const DEFAULT_USERNAME = 'admin'
const DEFAULT_ORG = 'Home'

/** Without letters and digits that look like one another; 16 of these are 79 random bits. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

/**
 * Does its work once per catalog; undefined at every later start.
 * @throws {InvalidError} a chosen name, e-mail address, password or token cannot be one.
 */
export async function prepareFirstStart(
  { db, passwords, clock = systemClock }: { db: CatalogDb; passwords: Passwords; clock?: Clock },
  choices: FirstStartChoices,
): Promise<FirstStart | undefined> {
  if ((await getSetting(db, SETTING)) !== undefined) return undefined
  const username = choices.username ?? DEFAULT_USERNAME
  const email = choices.email ?? (username.includes('@') ? username : `${username}@localhost`)
  const org = choices.org ?? DEFAULT_ORG
  const password = choices.password ?? generatePassword()
  if (choices.token !== undefined) checkToken(choices.token)
  const password_hash = await passwords.hash(password)
  const nowUs = clock.nowUs()

  return inTransaction(db, async (db) => {
    // Of several servers that start on one catalog only one gets past this.
    if (!(await setSettingOnce(db, { name: SETTING, value: formatIsoUs(nowUs) }))) return undefined
    const account = await createAccount(db, {
      username,
      email,
      password_hash,
      is_staff: 1,
      is_active: 1,
      created_at_us: nowUs,
    })
    await createOrg(db, { name: org, created_by: account.id, created_at_us: nowUs })
    const token = await issueToken(db, {
      accountId: account.id,
      kind: 'api',
      name: 'first start',
      scopes: ALL_SCOPES,
      nowUs,
      ...(choices.token === undefined ? {} : { text: choices.token }),
    })
    return {
      username,
      email: account.email ?? email,
      org,
      password: choices.password === undefined ? password : undefined,
      token: choices.token === undefined ? token.text : undefined,
    }
  })
}

/** Four groups of four, such as `k3mp-x7qa-n9td-4rwz`: easy to read off a screen. */
function generatePassword(): string {
  const group = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return Array.from({ length: 4 }, group).join('-')
}

/** A token travels in headers. */
function checkToken(token: string): void {
  if (/^[\x21-\x7e]+$/.test(token)) return
  throw InvalidError.field('token', 'A token consists of visible ASCII characters, without blanks.')
}
