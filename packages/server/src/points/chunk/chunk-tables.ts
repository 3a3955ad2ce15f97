/**
 * Tables of the chunk database. What is kept of points lies in rows of about a page and more, and of one slice
 * of time each: a flush then writes little beside the points, and a slice that is dropped leaves whole pages.
 */
import type Database from 'better-sqlite3'
import { UnavailableError } from '../../errors.ts'
import { US_PER_DAY } from '../../model/time.ts'

export const CHUNKS_FORMAT = 3

/** Width of a time slice of a new store. An existing store keeps the one it was made with. */
const PART_US = US_PER_DAY

/** @throws {UnavailableError} the file has a format that this program does not know. */
export function createTables(database: Database.Database, path: string): void {
  if (database.pragma('user_version', { simple: true }) !== 0) {
    refuseOtherFormats(database, path)
    return
  }
  database.transaction(() => {
    database.exec(`
      CREATE TABLE meta (
        part_us INTEGER NOT NULL, flushed_generation INTEGER NOT NULL, point_count INTEGER NOT NULL,
        change_count INTEGER NOT NULL
      );
      INSERT INTO meta VALUES (${PART_US}, 0, 0, 0);
      CREATE TABLE parts (part INTEGER PRIMARY KEY, merged INTEGER NOT NULL, changed_at INTEGER NOT NULL);
      CREATE TABLE packs (
        id INTEGER PRIMARY KEY, part INTEGER NOT NULL, block INTEGER NOT NULL, point_count INTEGER NOT NULL,
        first_piece INTEGER NOT NULL, piece_count INTEGER NOT NULL, summaries BLOB NOT NULL
      );
      CREATE INDEX packs_of_block ON packs (part, block);
      CREATE TABLE pieces (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
      CREATE TABLE texts (
        part INTEGER NOT NULL, stream INTEGER NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (part, stream, time, seq)
      ) WITHOUT ROWID;
      CREATE TABLE stream_blocks (block INTEGER PRIMARY KEY, states BLOB NOT NULL);
      CREATE TABLE last_texts (stream INTEGER PRIMARY KEY, text TEXT NOT NULL);
    `)
    database.pragma(`user_version = ${CHUNKS_FORMAT}`)
  })()
}

/** @throws {UnavailableError} the file has a format that this program does not know. */
export function refuseOtherFormats(database: Database.Database, path: string): void {
  const format = database.pragma('user_version', { simple: true }) as number
  if (format === CHUNKS_FORMAT) return
  const remedy = format > CHUNKS_FORMAT ? 'Start the newer Sonde' : 'It was made before the first release'
  throw new UnavailableError(`${path} has format ${format}; this program knows ${CHUNKS_FORMAT}. ${remedy}`)
}
