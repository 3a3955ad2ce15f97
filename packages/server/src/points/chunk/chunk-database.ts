/**
 * The SQLite file of the chunks: its settings, and one function per statement. One connection of the process
 * writes, in the thread that settles points; every thread that reads has one of its own, and sees the file as
 * it was when its read began. `docs/internals/chunk-format.md` describes the tables and columns.
 */
import Database from 'better-sqlite3'
import { createTables } from './chunk-tables.ts'

/** One process has the folder, so that nobody else should hold the file for long. */
const BUSY_MS_MAX = 1_000
/** Of each connection; what it does not hold the operating system mostly does. */
const CACHE_KIB = 8_192

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
  /** Counts the transactions that changed chunks or texts. */
  readonly changeCount: number
}

/** A slice of time that has points. */
export interface PartRow {
  readonly part: number
  /** `changeCount` of the last transaction that changed it. */
  readonly changedAt: number
}

/** How far the merging of a slice has come; whatever is written to it begins anew. */
const MERGED = { no: 0, yes: 1, underway: 2 } as const
export type MergeState = keyof typeof MERGED

export type ChunkReadings = ReturnType<typeof readings>
export type ChunkDatabase = ReturnType<typeof openChunkDatabase>

/**
 * Opens or creates the file, to read and to write. Commits survive power loss.
 * @throws {UnavailableError} a newer version made the file.
 */
export function openChunkDatabase(path: string) {
  const database = connect(path)
  // Given at creation, or never: lets dropped slices give their space back, and wastes little of a page
  // on chunks, of which a few fill one.
  database.pragma('page_size = 16384')
  database.pragma('auto_vacuum = INCREMENTAL')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('wal_autocheckpoint = 2000')
  createTables(database, path)
  return { ...readings(database), ...writings(database) }
}

/** Opens a file that `openChunkDatabase` has opened before, only to read. */
export function openChunkReadings(path: string): ChunkReadings {
  const database = connect(path)
  database.pragma('query_only = ON')
  return readings(database)
}

function connect(path: string): Database.Database {
  const database = new Database(path, { timeout: BUSY_MS_MAX })
  database.pragma(`cache_size = -${CACHE_KIB}`)
  return database
}

/** SQLite hands integers beyond 2^53 out as doubles; times stay within it, so plain numbers are exact. */
function readings(database: Database.Database) {
  const prepare = (sql: string) => database.prepare(sql)
  const begin = prepare('BEGIN')
  const end = prepare('COMMIT')
  const readMeta = prepare(
    `SELECT part_us AS partUs, flushed_generation AS flushedGeneration, point_count AS pointCount,
       change_count AS changeCount FROM meta`,
  )
  const listParts = prepare('SELECT part, changed_at AS changedAt FROM parts ORDER BY part')
  const listUnmerged = prepare(
    `SELECT part, changed_at AS changedAt FROM parts WHERE merged <> ${MERGED.yes} AND part < ? ORDER BY part`,
  )
  const listNextStreams = prepare(
    `SELECT stream AS streamId, count(*) AS chunkCount, sum(count) AS pointCount
     FROM chunks WHERE part = ? AND stream > ? GROUP BY stream ORDER BY stream LIMIT ?`,
  )
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
  const overlapsChunk = prepare(
    'SELECT 1 FROM chunks WHERE part = ? AND stream = ? AND start <= ? AND stop >= ? LIMIT 1',
  ).pluck()
  const listTexts = prepare(
    'SELECT time AS timeUs, seq, text FROM texts WHERE part = ? AND stream = ? ORDER BY seq, time',
  )
  const listStreams = prepare(
    'SELECT stream AS streamId, first AS firstUs, last AS lastUs, last_value AS last, last_text AS lastText FROM streams',
  )
  const listStreamsFrom = prepare('SELECT stream FROM streams WHERE first < ?').pluck()
  const findFirst = prepare(
    `SELECT min(time) FROM (
       SELECT min(start) AS time FROM chunks WHERE part = $part AND stream = $stream
       UNION ALL SELECT min(time) FROM texts WHERE part = $part AND stream = $stream)`,
  ).pluck()
  const size = prepare('SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()').pluck()

  return {
    /** Runs `read` on the file as it is now, whatever is committed meanwhile. */
    snapshot<Result>(read: () => Result): Result {
      begin.run()
      try {
        return read()
      } finally {
        end.run()
      }
    },
    meta: () => readMeta.get() as Meta,
    /** Ascending. */
    parts: () => listParts.all() as PartRow[],
    /** Slices before `part` that have something to merge, ascending. */
    unmergedParts: (part: number) => listUnmerged.all(part) as PartRow[],
    /** Streams of a slice with numbers above `streamId`, ascending, and what they have there. */
    nextStreams: (part: number, streamId: number, limit: number) =>
      listNextStreams.all(part, streamId, limit) as StreamChunks[],
    isDirty: (part: number, streamId: number) => isDirty.get(part, streamId) !== undefined,
    chunks: (part: number, streamId: number) => listChunks.all(part, streamId) as ChunkSummary[],
    /** Chunks of some streams of a slice: stream, start, seq, stop, count, min, max, sum, first, last, data id. */
    summaryRows: (part: number, streams: { from: number; to: number }) =>
      listSummaries.all(part, streams.from, streams.to) as number[][],
    /** Which of these streams have texts in the slice. */
    textStreams: (part: number, streams: { from: number; to: number }) =>
      listTextStreams.all(part, streams.from, streams.to) as number[],
    chunkData: (dataId: number) => readData.get(dataId) as Uint8Array,
    /** Whether a chunk of the stream holds times within `startUs … stopUs`, both included. */
    overlaps: (part: number, streamId: number, { startUs, stopUs }: { startUs: number; stopUs: number }) =>
      overlapsChunk.get(part, streamId, stopUs, startUs) !== undefined,
    texts: (part: number, streamId: number) => listTexts.all(part, streamId) as TextRow[],
    streams: () => listStreams.iterate() as IterableIterator<StreamState>,
    /** Streams that have points before a time. */
    streamsFrom: (beforeUs: number) => listStreamsFrom.all(beforeUs) as number[],
    /** Time of the oldest point of a stream in a slice. */
    firstUs: (part: number, streamId: number) => findFirst.get({ part, stream: streamId }) as number | null,
    sizeBytes: () => size.get() as number,
    close: () => void database.close(),
  }
}

function writings(database: Database.Database) {
  const prepare = (sql: string) => database.prepare(sql)
  const begin = prepare('BEGIN IMMEDIATE')
  const commit = prepare('COMMIT')
  const rollback = prepare('ROLLBACK')
  const addPoints = prepare('UPDATE meta SET point_count = point_count + ?')
  const setFlushed = prepare('UPDATE meta SET flushed_generation = ?')
  const countChange = prepare(
    'UPDATE meta SET change_count = change_count + 1 RETURNING change_count',
  ).pluck()
  const changePart = prepare(
    `INSERT INTO parts (part, merged, changed_at) VALUES (?, 0, ?)
     ON CONFLICT (part) DO UPDATE SET changed_at = excluded.changed_at`,
  )
  const setMerged = prepare(
    'INSERT INTO parts VALUES (?, ?, 0) ON CONFLICT (part) DO UPDATE SET merged = excluded.merged',
  )
  const endMerge = prepare(
    `UPDATE parts SET merged = ${MERGED.yes} WHERE part = ? AND merged = ${MERGED.underway}`,
  )
  const dropData = prepare('DELETE FROM chunk_data WHERE id IN (SELECT data_id FROM chunks WHERE part = ?)')
  const dropRows = ['chunks', 'texts', 'dirty', 'parts'].map((table) =>
    prepare(`DELETE FROM ${table} WHERE part = ?`),
  )
  const countPoints = prepare(
    `SELECT (SELECT total(count) FROM chunks WHERE part = $part) + (SELECT count(*) FROM texts WHERE part = $part)`,
  ).pluck()
  const setStreamFirst = prepare('UPDATE streams SET first = ? WHERE stream = ?')
  const clearDirty = prepare('DELETE FROM dirty WHERE part = ? AND stream = ?')
  const insertData = prepare('INSERT INTO chunk_data (data) VALUES (?)')
  const insertChunk = prepare('INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const deleteChunk = prepare('DELETE FROM chunks WHERE part = ? AND stream = ? AND start = ? AND seq = ?')
  const deleteData = prepare('DELETE FROM chunk_data WHERE id = ?')
  const markDirty = prepare('INSERT OR IGNORE INTO dirty VALUES (?, ?)')
  const insertText = prepare('INSERT INTO texts VALUES (?, ?, ?, ?, ?)')
  const deleteTexts = prepare('DELETE FROM texts WHERE part = ? AND stream = ? AND time >= ? AND time < ?')
  const putStream = prepare('INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?)')
  const extendStream = prepare(
    `INSERT INTO streams VALUES (?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET
       first = min(first, excluded.first),
       last_value = iif(excluded.last >= last, excluded.last_value, last_value),
       last_text = iif(excluded.last >= last, excluded.last_text, last_text),
       last = max(last, excluded.last)`,
  )
  const deleteStream = prepare('DELETE FROM streams WHERE stream = ?')
  const columnsOf = ({ streamId, firstUs, lastUs, last, lastText }: StreamState) =>
    [streamId, firstUs, lastUs, lastText === null ? last : null, lastText] as const

  return {
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    rollback: () => {
      if (database.inTransaction) rollback.run()
    },
    addPointCount: (count: number) => void addPoints.run(count),
    setFlushedGeneration: (generation: number) => void setFlushed.run(generation),
    /** Notes which slices a transaction has changed, for readers that remember something of them. */
    changeParts(parts: Iterable<number>): void {
      const changeCount = countChange.get()
      for (const part of parts) changePart.run(part, changeCount)
    },
    setMerged: (part: number, state: MergeState) => void setMerged.run(part, MERGED[state]),
    /** Nothing is left to merge, unless something was written since the merge began. */
    endMerge: (part: number) => void endMerge.run(part),
    /** Removes everything of a slice; answers how many points there were. */
    dropPart(part: number): number {
      const pointCount = countPoints.get({ part }) as number
      dropData.run(part)
      for (const drop of dropRows) drop.run(part)
      return pointCount
    },
    setStreamFirst: (streamId: number, firstUs: number) => void setStreamFirst.run(firstUs, streamId),
    clearDirty: (part: number, streamId: number) => void clearDirty.run(part, streamId),
    insertChunk(part: number, streamId: number, chunk: Omit<ChunkSummary, 'dataId'>, data: Uint8Array): void {
      const dataId = insertData.run(data).lastInsertRowid
      const { startUs, seq, stopUs, count, min, max, sum, first, last } = chunk
      insertChunk.run(part, streamId, startUs, seq, stopUs, count, min, max, sum, first, last, dataId)
    },
    deleteChunk(part: number, streamId: number, chunk: ChunkSummary): void {
      deleteChunk.run(part, streamId, chunk.startUs, chunk.seq)
      deleteData.run(chunk.dataId)
    },
    markDirty: (part: number, streamId: number) => void markDirty.run(part, streamId),
    insertText: (part: number, streamId: number, row: TextRow) =>
      void insertText.run(part, streamId, row.timeUs, row.seq, row.text),
    deleteTexts: (part: number, streamId: number, range: { fromUs: number; toUs: number }) =>
      deleteTexts.run(part, streamId, range.fromUs, range.toUs).changes,
    putStream: (state: StreamState) => void putStream.run(...columnsOf(state)),
    /** Takes newer points of a stream into account; of equal last times the new value holds. */
    extendStream: (state: StreamState) => void extendStream.run(...columnsOf(state)),
    deleteStream: (streamId: number) => void deleteStream.run(streamId),
    /** Gives up to so many unused pages back to the disk; answers how many are left. */
    giveBackPages(pagesMax: number): number {
      database.pragma(`incremental_vacuum(${pagesMax})`)
      return database.pragma('freelist_count', { simple: true }) as number
    },
  }
}
