/** The promise that requests for data cannot change anything, tried out before an import. */
import { sql } from 'kysely'
import type { CatalogDb } from '../../catalog/schema.ts'
import { UnavailableError } from '../../errors.ts'

/**
 * Logs in and reads, then tries a change, which must be refused. It would change nothing: ids begin at 1.
 * @throws {UnavailableError} the connection does not answer as it should, or lets the change pass.
 */
export async function checkReadOnly(db: CatalogDb): Promise<void> {
  const { rows } = await sql<{ year: number }>`select 2021 as year`.execute(db)
  if (rows[0]?.year !== 2021) throw new UnavailableError('The read-only connection does not answer')
  const isRefused = await db
    .deleteFrom('consumpdata')
    .where('id', '<', 1)
    .execute()
    .then(
      () => false,
      () => true,
    )
  if (!isRefused) throw new UnavailableError('The read-only connection of the electricity API can write')
}
