/** Sessions that were ended before their JWTs expired. */
import type { CatalogDb } from './schema.ts'

/** `expiresAtUs` is when the last JWT of the session would have expired anyway. */
export async function revokeJwtSession(
  db: CatalogDb,
  { sessionId, expiresAtUs }: { sessionId: string; expiresAtUs: number },
): Promise<void> {
  await db
    .insertInto('revoked_jwts')
    .values({ session_id: sessionId, expires_at_us: expiresAtUs })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function isJwtSessionRevoked(db: CatalogDb, sessionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('revoked_jwts')
    .select('session_id')
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
  return row !== undefined
}

export async function sweepRevokedJwts(db: CatalogDb, nowUs: number): Promise<void> {
  await db.deleteFrom('revoked_jwts').where('expires_at_us', '<=', nowUs).execute()
}
