/**
 * How much of the catalog a list may show: whose organisations, and within them which part. Every list
 * takes one beside its filter, so that what a caller may not see is never read.
 */
import type { SelectQueryBuilder } from 'kysely'
import type { CatalogDb, CatalogTables } from './schema.ts'

/** Everything that is given must hold; nothing given means everything is shown. */
export interface Sight {
  /** Only organisations that this account is an active member of. */
  readonly memberId?: number
  readonly orgId?: string
  readonly projectId?: number
  readonly deviceId?: number
}

/** Ids of the organisations that an account is an active member of, as a subquery. */
export function orgIdsOf(
  db: CatalogDb,
  accountId: number,
): SelectQueryBuilder<CatalogTables, 'members', { org_id: string }> {
  return db
    .selectFrom('members')
    .select('members.org_id')
    .where('members.account_id', '=', accountId)
    .where('members.is_active', '=', 1)
}
