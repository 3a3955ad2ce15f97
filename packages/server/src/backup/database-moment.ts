/**
 * A SQLite file as it is at one moment, while others go on writing to it: an open read transaction keeps that
 * moment, and its pages are copied a few at a time.
 */
import { fdatasyncSync } from 'node:fs'
import { open } from 'node:fs/promises'
import Database from 'better-sqlite3'

const BUSY_MS_MAX = 5_000
/** A copy can be stopped between two steps. */
const STEP_BYTES = 4 * 1024 * 1024
/** Written in one go at the end, a large file would keep everybody waiting who writes to the disk as well. */
const SYNC_BYTES = 64 * 1024 * 1024

export interface DatabaseMoment {
  readonly bytes: number
  /**
   * Writes a new file, durable when it resolves, that needs none beside it.
   * `onBytes` hears of each step, and ends the work by throwing.
   */
  copyTo(path: string, onBytes: (count: number) => void): Promise<void>
  close(): void
}

export function holdMoment(path: string): DatabaseMoment {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS_MAX })
  const pageBytes = database.pragma('page_size', { simple: true }) as number
  database.exec('BEGIN')
  // The first look begins the moment.
  database.prepare('SELECT count(*) FROM sqlite_schema').get()
  const bytes = (database.pragma('page_count', { simple: true }) as number) * pageBytes
  return {
    bytes,
    async copyTo(path, onBytes) {
      const file = await open(path, 'wx', 0o600)
      let reached = 0
      let synced = 0
      try {
        await database.backup(path, {
          progress({ totalPages, remainingPages }) {
            const now = (totalPages - remainingPages) * pageBytes
            onBytes(now - reached)
            reached = now
            if (reached - synced >= SYNC_BYTES) {
              fdatasyncSync(file.fd)
              synced = reached
            }
            return STEP_BYTES / pageBytes
          },
        })
        onBytes(bytes - reached)
        endLog(path)
        await file.sync()
      } finally {
        await file.close()
      }
    },
    close: () => void database.close(),
  }
}

/** A copy has the journal mode of its source; without a log beside it, it can be read where nobody may write. */
function endLog(path: string): void {
  const copy = new Database(path)
  try {
    copy.pragma('journal_mode = DELETE')
  } finally {
    copy.close()
  }
}
