/**
 * Keys of devices and organisations: texts as those of tokens, kept as hashes, but with no person behind
 * them. They go on when who made them leaves, and end when the device changes hands.
 */
import { findDevice } from '../catalog/devices.ts'
import { inTransaction } from '../catalog/in-transaction.ts'
import { type KeyOwnerColumns, listKeys } from '../catalog/keys.ts'
import type { CatalogDb, TokenRow } from '../catalog/schema.ts'
import { createToken, findTokenByHash, touchToken } from '../catalog/tokens.ts'
import { InvalidError } from '../errors.ts'
import {
  type Caller,
  type CallerLimit,
  formatScopes,
  type KeyKind,
  parseScopes,
  type Scope,
} from './caller.ts'
import { requireScope } from './permissions.ts'
import { RefusedError } from './refusal.ts'
import { hashToken, type IssuedToken, type ResolvedToken, randomToken } from './tokens.ts'

/** What a key belongs to. */
export type KeyOwner = KeyOwnerColumns

export interface IssueKey {
  readonly owner: KeyOwner
  readonly name: string
  /** Left out for a key that lives until it is revoked. */
  readonly expiresAtUs?: number
  readonly nowUs: number
}

/** Live keys of one device or organisation. */
export const KEYS_MAX = 100

const SCOPES_OF: Readonly<Record<KeyKind, ReadonlySet<Scope>>> = {
  device: new Set(['read', 'write']),
  org: new Set(['read']),
}

/**
 * @throws {InvalidError} an expiry that has passed, or as many keys as there may be.
 * @throws {ForbiddenError} the caller's own token lacks a scope that the key would have.
 */
export async function issueKey(db: CatalogDb, caller: Caller, key: IssueKey): Promise<IssuedToken> {
  const { owner, nowUs, expiresAtUs } = key
  if (expiresAtUs !== undefined && expiresAtUs <= nowUs) {
    throw InvalidError.field('expires_on', 'A key must expire in the future.')
  }
  const kind: KeyKind = owner.deviceId === undefined ? 'org' : 'device'
  for (const scope of SCOPES_OF[kind]) requireScope(caller, scope)
  const text = randomToken()
  const row = await inTransaction(db, async (db) => {
    const { count } = await listKeys(db, { ...owner, nowUs }, { limit: 1, offset: KEYS_MAX })
    if (count >= KEYS_MAX) throw new InvalidError(`There are ${count} keys already. Revoke one first.`)
    return createToken(db, {
      account_id: caller.accountId,
      kind,
      name: key.name,
      hash: hashToken(text),
      scopes: formatScopes(SCOPES_OF[kind]),
      org_id: owner.orgId,
      device_id: owner.deviceId ?? null,
      created_at_us: nowUs,
      expires_at_us: expiresAtUs ?? null,
    })
  })
  return { text, row }
}

/**
 * Finds what a key belongs to, and notes its use at most once a minute.
 * @throws {RefusedError} one of `token_unknown`, `token_expired` and `token_revoked`.
 */
export async function resolveKey(
  db: CatalogDb,
  { kind, text, nowUs }: { kind: KeyKind; text: string; nowUs: number },
): Promise<ResolvedToken> {
  const row = await findTokenByHash(db, hashToken(text))
  if (row?.kind !== kind) throw new RefusedError('token_unknown')
  if (row.revoked_at_us !== null) throw new RefusedError('token_revoked')
  if (row.expires_at_us !== null && row.expires_at_us <= nowUs) throw new RefusedError('token_expired')
  const limit = await limitOf(db, row)
  // A full disk must not keep a device from reading what it should do.
  await touchToken(db, row, nowUs).catch(() => undefined)
  return {
    caller: {
      accountId: row.account_id,
      username: `${kind} key ${row.id}`,
      isStaff: false,
      scopes: parseScopes(row.scopes),
      limit,
      credential: { kind: 'key', id: row.id, keyKind: kind },
    },
    expiresAtUs: row.expires_at_us,
  }
}

/** @throws {RefusedError} the device belongs to another organisation now, which never gave it this key. */
async function limitOf(db: CatalogDb, { org_id: orgId, device_id }: TokenRow): Promise<CallerLimit> {
  if (device_id === null) return { orgId }
  const device = await findDevice(db, device_id)
  if (device === undefined || device.org_id !== orgId) throw new RefusedError('token_revoked')
  return {
    orgId,
    ...(device.project_id === null ? {} : { projectId: device.project_id }),
    deviceId: device_id,
  }
}
