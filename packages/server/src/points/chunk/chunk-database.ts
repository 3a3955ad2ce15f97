/**
 * The SQLite file of the chunks: its tables, its settings, and one function per statement. Keys begin with
 * the time slice (`part`), then the stream: a flush then writes few pages, and a slice is dropped as a
 * whole. Summaries lie apart from the compressed points, so that wide aggregates read little.
 * `docs/internals/chunk-format.md` describes the columns.
 */
import Database from 'better-sqlite3'
import { UnavailableError } from '../../errors.ts'
import { US_PER_DAY } from '../../model/time.ts'

const FORMAT = 1

/** One process has the folder, so that nobody else should hold the file for long. */
const BUSY_MS_MAX = 1_000

/** Width of a time slice of a new store. An existing store keeps the one it was made with. */
const PART_US = US_PER_DAY

export interface ChunkSummary {
  readonly dataId: number
  readonly seq: number
  readonly startUs: number
  readonly stopUs: number
  readonly count: number
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly first: number
  readonly last: number
}

/** What is kept of a stream beside its points, so that opening the store does not scan chunks. */
export interface StreamState {
  readonly streamId: number
  readonly firstUs: number
  readonly lastUs: number
  readonly last: number
  readonly lastText: string | null
}

/** How many chunks a stream has in a slice, and how many points are in them. */
export interface StreamChunks {
  readonly streamId: number
  readonly chunkCount: number
  readonly pointCount: number
}

export interface TextRow {
  readonly timeUs: number
  readonly seq: number
  readonly text: string
}

export interface Meta {
  readonly partUs: number
  /** Every head up to this generation is in chunks. */
  readonly flushedGeneration: number
  /** Points in chunks and texts, counting a point sent twice twice. */
  readonly pointCount: number
}

export type ChunkDatabase = ReturnType<typeof openChunkDatabase>

/** Opens or creates the file. Commits survive power loss. */
export function openChunkDatabase(path: string) {
  const database = new Database(path, { timeout: BUSY_MS_MAX })
  // Given at creation, or never: lets dropped slices give their space back.
  database.pragma('page_size = 8192')
  database.pragma('auto_vacuum = INCREMENTAL')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('wal_autocheckpoint = 4000')
  database.pragma('cache_size = -32768')
  database.pragma('mmap_size = 1073741824')
  createTables(database, path)
  return { ...statements(database), close: () => database.close() }
}

function createTables(database: Database.Database, path: string): void {
  const format = database.pragma('user_version', { simple: true })
  if (format === FORMAT) return
  if (format !== 0) {
    throw new UnavailableError(
      `${path} has format ${format}; this program knows ${FORMAT}. Start the newer Sonde`,
    )
  }
  database.transaction(() => {
    database.exec(`
      CREATE TABLE meta (part_us INTEGER NOT NULL, flushed_generation INTEGER NOT NULL, point_count INTEGER NOT NULL);
      INSERT INTO meta VALUES (${PART_US}, 0, 0);
      CREATE TABLE parts (part INTEGER PRIMARY KEY, merged INTEGER NOT NULL);
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
    database.pragma(`user_version = ${FORMAT}`)
  })()
}

/** SQLite hands integers beyond 2^53 out as doubles; times stay within it, so plain numbers are exact. */
function statements(database: Database.Database) {
  const prepare = (sql: string) => database.prepare(sql)
  const begin = prepare('BEGIN IMMEDIATE')
  const commit = prepare('COMMIT')
  const rollback = prepare('ROLLBACK')
  const readMeta = prepare(
    'SELECT part_us AS partUs, flushed_generation AS flushedGeneration, point_count AS pointCount FROM meta',
  )
  const addPoints = prepare('UPDATE meta SET point_count = point_count + ?')
  const setFlushed = prepare('UPDATE meta SET flushed_generation = ?')
  const listParts = prepare('SELECT part FROM parts ORDER BY part').pluck()
  const touchPart = prepare('INSERT INTO parts VALUES (?, 0) ON CONFLICT (part) DO UPDATE SET merged = 0')
  const listUnmerged = prepare('SELECT part FROM parts WHERE merged = 0 AND part < ? ORDER BY part').pluck()
  const setMerged = prepare('UPDATE parts SET merged = 1 WHERE part = ?')
  const listNextStreams = prepare(
    `SELECT stream AS streamId, count(*) AS chunkCount, sum(count) AS pointCount
     FROM chunks WHERE part = ? AND stream > ? GROUP BY stream ORDER BY stream LIMIT ?`,
  )
  const clearDirty = prepare('DELETE FROM dirty WHERE part = ? AND stream = ?')
  const isDirty = prepare('SELECT 1 FROM dirty WHERE part = ? AND stream = ?').pluck()
  const listChunks = prepare(
    `SELECT data_id AS dataId, seq, start AS startUs, stop AS stopUs, count, min, max, sum, first, last
     FROM chunks WHERE part = ? AND stream = ? ORDER BY start, seq`,
  )
  const listSummaries = prepare(
    `SELECT stream, start, seq, stop, count, min, max, sum, first, last, data_id
     FROM chunks WHERE part = ? AND stream >= ? AND stream < ? ORDER BY stream, start, seq`,
  ).raw()
  const listTextStreams = prepare(
    'SELECT DISTINCT stream FROM texts WHERE part = ? AND stream >= ? AND stream < ?',
  ).pluck()
  const readData = prepare('SELECT data FROM chunk_data WHERE id = ?').pluck()
  const insertData = prepare('INSERT INTO chunk_data (data) VALUES (?)')
  const insertChunk = prepare('INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const deleteChunk = prepare('DELETE FROM chunks WHERE part = ? AND stream = ? AND start = ? AND seq = ?')
  const deleteData = prepare('DELETE FROM chunk_data WHERE id = ?')
  const overlapsChunk = prepare(
    'SELECT 1 FROM chunks WHERE part = ? AND stream = ? AND start <= ? AND stop >= ? LIMIT 1',
  ).pluck()
  const markDirty = prepare('INSERT OR IGNORE INTO dirty VALUES (?, ?)')
  const listTexts = prepare(
    'SELECT time AS timeUs, seq, text FROM texts WHERE part = ? AND stream = ? ORDER BY seq, time',
  )
  const insertText = prepare('INSERT INTO texts VALUES (?, ?, ?, ?, ?)')
  const deleteTexts = prepare('DELETE FROM texts WHERE part = ? AND stream = ? AND time >= ? AND time < ?')
  const listStreams = prepare(
    'SELECT stream AS streamId, first AS firstUs, last AS lastUs, last_value AS last, last_text AS lastText FROM streams',
  )
  const putStream = prepare('INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?)')
  const deleteStream = prepare('DELETE FROM streams WHERE stream = ?')
  const size = prepare('SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()').pluck()

  return {
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    rollback: () => {
      if (database.inTransaction) rollback.run()
    },
    meta: () => readMeta.get() as Meta,
    addPointCount: (count: number) => void addPoints.run(count),
    setFlushedGeneration: (generation: number) => void setFlushed.run(generation),
    parts: () => listParts.all() as number[],
    /** Notes that a slice has something that no merge has seen. */
    touchPart: (part: number) => void touchPart.run(part),
    /** Slices before `part` that have something to merge, ascending. */
    unmergedParts: (part: number) => listUnmerged.all(part) as number[],
    setMerged: (part: number) => void setMerged.run(part),
    /** Streams of a slice with numbers above `streamId`, ascending, and what they have there. */
    nextStreams: (part: number, streamId: number, limit: number) =>
      listNextStreams.all(part, streamId, limit) as StreamChunks[],
    isDirty: (part: number, streamId: number) => isDirty.get(part, streamId) !== undefined,
    clearDirty: (part: number, streamId: number) => void clearDirty.run(part, streamId),
    chunks: (part: number, streamId: number) => listChunks.all(part, streamId) as ChunkSummary[],
    /** Chunks of some streams of a slice: stream, start, seq, stop, count, min, max, sum, first, last, data id. */
    summaryRows: (part: number, streams: { from: number; to: number }) =>
      listSummaries.all(part, streams.from, streams.to) as number[][],
    /** Which of these streams have texts in the slice. */
    textStreams: (part: number, streams: { from: number; to: number }) =>
      listTextStreams.all(part, streams.from, streams.to) as number[],
    chunkData: (dataId: number) => readData.get(dataId) as Uint8Array,
    insertChunk(part: number, streamId: number, chunk: Omit<ChunkSummary, 'dataId'>, data: Uint8Array): void {
      const dataId = insertData.run(data).lastInsertRowid
      const { startUs, seq, stopUs, count, min, max, sum, first, last } = chunk
      insertChunk.run(part, streamId, startUs, seq, stopUs, count, min, max, sum, first, last, dataId)
    },
    deleteChunk(part: number, streamId: number, chunk: ChunkSummary): void {
      deleteChunk.run(part, streamId, chunk.startUs, chunk.seq)
      deleteData.run(chunk.dataId)
    },
    /** Whether a chunk of the stream holds times within `startUs … stopUs`, both included. */
    overlaps: (part: number, streamId: number, { startUs, stopUs }: { startUs: number; stopUs: number }) =>
      overlapsChunk.get(part, streamId, stopUs, startUs) !== undefined,
    markDirty: (part: number, streamId: number) => void markDirty.run(part, streamId),
    texts: (part: number, streamId: number) => listTexts.all(part, streamId) as TextRow[],
    insertText: (part: number, streamId: number, row: TextRow) =>
      void insertText.run(part, streamId, row.timeUs, row.seq, row.text),
    deleteTexts: (part: number, streamId: number, range: { fromUs: number; toUs: number }) =>
      deleteTexts.run(part, streamId, range.fromUs, range.toUs).changes,
    streams: () => listStreams.iterate() as IterableIterator<StreamState>,
    putStream: (state: StreamState) =>
      void putStream.run(
        state.streamId,
        state.firstUs,
        state.lastUs,
        state.lastText === null ? state.last : null,
        state.lastText,
      ),
    deleteStream: (streamId: number) => void deleteStream.run(streamId),
    /** Gives up to so many unused pages back to the disk; answers how many are left. */
    giveBackPages(pagesMax: number): number {
      database.pragma(`incremental_vacuum(${pagesMax})`)
      return database.pragma('freelist_count', { simple: true }) as number
    },
    sizeBytes: () => size.get() as number,
  }
}
