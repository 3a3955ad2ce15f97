/** Transactions that nest: work that is a transaction by itself becomes a part of its caller's. */
import type { CatalogDb } from './schema.ts'

/** All of `work` is stored or nothing; within a caller's transaction, all of that one. */
export async function inTransaction<T>(db: CatalogDb, work: (db: CatalogDb) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work)
}
