/** Public keys of accounts, and the signatures of files that were verified with them. */
import { randomUUID } from 'node:crypto'
import { ConflictError } from '../errors.ts'
import { inTransaction } from './in-transaction.ts'
import type { PackageSignatureRow, SigningKeyRow } from './schema/packages.ts'
import type { CatalogDb } from './schema.ts'

/** One in use and one that follows it, so that a key can be exchanged while devices still know the old one. */
const KEYS_MAX = 2

export type NewSigningKey = Omit<SigningKeyRow, 'id'>

/** Oldest first. */
export async function listSigningKeys(db: CatalogDb, accountId: number): Promise<SigningKeyRow[]> {
  return db
    .selectFrom('signing_keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at_us')
    .orderBy('id')
    .execute()
}

/** @throws {ConflictError} the account has this key, or as many as it may. */
export async function createSigningKey(db: CatalogDb, key: NewSigningKey): Promise<SigningKeyRow> {
  return inTransaction(db, async (db) => {
    const keys = await listSigningKeys(db, key.account_id)
    if (keys.some(({ public_key }) => public_key === key.public_key)) {
      throw new ConflictError('signing key is there already')
    }
    if (keys.length >= KEYS_MAX) {
      throw new ConflictError(`a user has at most ${KEYS_MAX} signing keys; delete the older one first`)
    }
    return db
      .insertInto('signing_keys')
      .values({ id: randomUUID(), ...key })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** With the signatures made with it; false when the account has no such key. */
export async function deleteSigningKey(
  db: CatalogDb,
  { id, accountId }: { id: string; accountId: number },
): Promise<boolean> {
  return inTransaction(db, async (db) => {
    const keys = await listSigningKeys(db, accountId)
    if (!keys.some((key) => key.id === id)) return false
    await db.deleteFrom('package_signatures').where('key_id', '=', id).execute()
    await db.deleteFrom('signing_keys').where('id', '=', id).execute()
    return true
  })
}

/** One of each key and file; a later one takes the place of an earlier. */
export async function saveSignature(db: CatalogDb, signature: PackageSignatureRow): Promise<void> {
  const { signature: text, created_at_us } = signature
  await db
    .insertInto('package_signatures')
    .values(signature)
    .onConflict((conflict) =>
      conflict.columns(['file_id', 'key_id']).doUpdateSet({ signature: text, created_at_us }),
    )
    .execute()
}

/** The newest first. */
export async function listSignatures(db: CatalogDb, fileId: number): Promise<PackageSignatureRow[]> {
  return db
    .selectFrom('package_signatures')
    .selectAll()
    .where('file_id', '=', fileId)
    .orderBy('created_at_us', 'desc')
    .orderBy('key_id')
    .execute()
}
