/**
 * Tables of the chunk database. Keys begin with the time slice (`part`), then the stream: a flush then writes
 * few pages, and a slice is dropped as a whole. Summaries lie apart from the compressed points, so that wide
 * aggregates read little.
 */
import type Database from 'better-sqlite3'
import { UnavailableError } from '../../errors.ts'
import { US_PER_DAY } from '../../model/time.ts'

const FORMAT = 2

/** Width of a time slice of a new store. An existing store keeps the one it was made with. */
const PART_US = US_PER_DAY

/** @throws {UnavailableError} the file has a format that this program does not know. */
export function createTables(database: Database.Database, path: string): void {
  const format = database.pragma('user_version', { simple: true })
  if (format === FORMAT) return
  if (format !== 0 && format !== 1) {
    throw new UnavailableError(
      `${path} has format ${format}; this program knows ${FORMAT}. Start the newer Sonde`,
    )
  }
  database.transaction(() => {
    if (format === 0) create(database)
    else countChanges(database)
    database.pragma(`user_version = ${FORMAT}`)
  })()
}

function create(database: Database.Database): void {
  database.exec(`
    CREATE TABLE meta (
      part_us INTEGER NOT NULL, flushed_generation INTEGER NOT NULL, point_count INTEGER NOT NULL,
      change_count INTEGER NOT NULL
    );
    INSERT INTO meta VALUES (${PART_US}, 0, 0, 0);
    CREATE TABLE parts (part INTEGER PRIMARY KEY, merged INTEGER NOT NULL, changed_at INTEGER NOT NULL);
    CREATE TABLE chunks (
      part INTEGER NOT NULL, stream INTEGER NOT NULL, start INTEGER NOT NULL, seq INTEGER NOT NULL,
      stop INTEGER NOT NULL, count INTEGER NOT NULL,
      min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
      data_id INTEGER NOT NULL,
      PRIMARY KEY (part, stream, start, seq)
    ) WITHOUT ROWID;
    CREATE TABLE chunk_data (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE texts (
      part INTEGER NOT NULL, stream INTEGER NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (part, stream, time, seq)
    ) WITHOUT ROWID;
    CREATE TABLE dirty (
      part INTEGER NOT NULL, stream INTEGER NOT NULL, PRIMARY KEY (part, stream)
    ) WITHOUT ROWID;
    CREATE TABLE streams (
      stream INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
      last_value REAL, last_text TEXT
    );
  `)
}

/** From format 1, in which nothing told a reader what had changed. */
function countChanges(database: Database.Database): void {
  database.exec(`
    ALTER TABLE meta ADD COLUMN change_count INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE parts ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
  `)
}
