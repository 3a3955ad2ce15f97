/** A transaction that changes chunks, and tells those who remember something of them. */
import type { ChunkDatabase } from './chunk-database.ts'

/** `change` adds the slices that it writes to; nothing has happened when it throws. */
export function inChange<Result>(database: ChunkDatabase, change: (touched: Set<number>) => Result): Result {
  const touched = new Set<number>()
  database.begin()
  try {
    const result = change(touched)
    database.changeParts(touched)
    database.commit()
    return result
  } catch (error) {
    database.rollback()
    throw error
  }
}
