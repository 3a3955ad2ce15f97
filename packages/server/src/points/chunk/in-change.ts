/** A transaction that changes chunks, and tells those who remember something of them. */
import { UnavailableError } from '../../errors.ts'
import type { ChunkDatabase } from './chunk-database.ts'

/**
 * `change` adds the slices that it writes to; nothing has happened when it throws.
 * @throws {UnavailableError} the disk is full.
 */
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
    throw isFullDisk(error) ? fullDisk(error) : error
  }
}

function isFullDisk(error: unknown): error is Error {
  return Object(error).code === 'SQLITE_FULL'
}

function fullDisk(cause: Error): UnavailableError {
  return new UnavailableError(`${cause.message}. Make room on the disk of the data folder`, { cause })
}
