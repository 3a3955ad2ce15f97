/**
 * The SQLite file of the chunks: its settings, and one function per statement. One connection of the process
 * writes, in the thread that settles points; every thread that reads has one of its own, and sees the file as
 * it was when its read began. `docs/internals/chunk-format.md` describes the tables and columns.
 */
import { strict as assert } from 'node:assert'
import Database from 'better-sqlite3'
import { createTables, refuseOtherFormats } from './chunk-tables.ts'
import { BLOCK_STREAMS, decodeSummaries, type Pack, PIECE_BYTES } from './pack.ts'
import { type StoredPack, SummaryBlock } from './summary-block.ts'

/** One process has the folder, so that nobody else should hold the file for long. */
const BUSY_MS_MAX = 1_000
/** Of each connection; what it does not hold the operating system mostly does. */
const CACHE_KIB = 8_192

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

interface PackRow {
  readonly id: number
  readonly firstPiece: number
  readonly pieceCount: number
  readonly pointCount: number
  readonly summaries: Uint8Array
}

export interface InspectedPack extends PackRow {
  readonly part: number
  readonly block: number
}

export interface InspectedText extends TextRow {
  readonly part: number
  readonly streamId: number
}

/** Of the file, for those that only read: pages are copied once, and are the operating system's to keep or drop. */
const MAPPED_BYTES_MAX = 1024 ** 3

/** How far the merging of a slice has come; whatever is written to it begins anew. */
const MERGED = { no: 0, yes: 1, underway: 2 } as const
export type MergeState = keyof typeof MERGED

export type ChunkReadings = ReturnType<typeof readings>
export type ChunkInspection = ReturnType<typeof inspectChunkDatabase>
export type ChunkDatabase = ReturnType<typeof openChunkDatabase>

/**
 * Opens or creates the file, to read and to write. Commits survive power loss.
 * @throws {UnavailableError} the file has a format that this program does not know.
 */
export function openChunkDatabase(path: string) {
  const database = connect(path)
  // Both are given at creation, or never; `PIECE_BYTES` goes by the one, and space given back by the other.
  database.pragma('page_size = 8192')
  database.pragma('auto_vacuum = INCREMENTAL')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('wal_autocheckpoint = 2000')
  // A long look at one moment, as a backup takes it, lets the file grow; it need not stay that long.
  database.pragma('journal_size_limit = 67108864')
  createTables(database, path)
  return { ...readings(database), ...writings(database) }
}

/** Opens a file that `openChunkDatabase` has opened before, only to read. */
export function openChunkReadings(path: string): ChunkReadings {
  const database = connect(path)
  database.pragma('query_only = ON')
  database.pragma(`mmap_size = ${MAPPED_BYTES_MAX}`)
  return readings(database)
}

/**
 * Opens a file that nobody writes to, for a look at every row of it. Nothing is changed in it.
 * @throws {UnavailableError} it has a format that this program does not know.
 */
export function inspectChunkDatabase(path: string) {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    refuseOtherFormats(database, path)
    return { ...readings(database), ...inspections(database) }
  } catch (error) {
    database.close()
    throw error
  }
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
  const listPacks = prepare(
    `SELECT id, first_piece AS firstPiece, piece_count AS pieceCount, point_count AS pointCount, summaries
     FROM packs WHERE part = ? AND block = ? ORDER BY id`,
  )
  const findNextBlock = prepare(
    `SELECT min(block) FROM (
       SELECT min(block) AS block FROM packs WHERE part = $part AND block > $block
       UNION ALL SELECT min(stream) / ${BLOCK_STREAMS} FROM texts WHERE part = $part AND stream >= $stream)`,
  ).pluck()
  const readPiece = prepare('SELECT data FROM pieces WHERE id = ?').pluck()
  const listTextStreams = prepare(
    'SELECT DISTINCT stream FROM texts WHERE part = ? AND stream >= ? AND stream < ?',
  ).pluck()
  const listTexts = prepare(
    'SELECT time AS timeUs, seq, text FROM texts WHERE part = ? AND stream = ? ORDER BY seq, time',
  )
  const listStreamBlocks = prepare('SELECT block, states FROM stream_blocks')
  const readStreamBlock = prepare('SELECT states FROM stream_blocks WHERE block = ?').pluck()
  const listLastTexts = prepare('SELECT stream AS streamId, text FROM last_texts')
  const size = prepare('SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()').pluck()
  // Chunks that follow one another mostly lie in one piece.
  let lastPiece: { readonly id: number; readonly bytes: Uint8Array } | undefined

  const piece = (id: number): Uint8Array => {
    if (lastPiece?.id !== id) lastPiece = { id, bytes: readPiece.get(id) as Uint8Array }
    return lastPiece.bytes
  }

  return {
    /** Runs `read` on the file as it is now, whatever is committed meanwhile. */
    snapshot<Result>(read: () => Result): Result {
      begin.run()
      lastPiece = undefined
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
    packs: (part: number, block: number) => listPacks.all(part, block) as PackRow[],
    /** The first block after this one that a slice has chunks or texts of. */
    nextBlock: (part: number, block: number) =>
      findNextBlock.get({ part, block, stream: (block + 1) * BLOCK_STREAMS }) as number | null,
    block(part: number, block: number): SummaryBlock {
      const from = block * BLOCK_STREAMS
      const packs = (listPacks.all(part, block) as PackRow[]).map(storedPack)
      return new SummaryBlock(from, packs, listTextStreams.all(part, from, from + BLOCK_STREAMS) as number[])
    },
    /** Bytes of a chunk; a view, of which a copy has to be made to keep it. */
    chunkData({ position, length }: { position: number; length: number }): Uint8Array {
      const id = Math.floor(position / PIECE_BYTES)
      const at = position - id * PIECE_BYTES
      if (at + length <= PIECE_BYTES) return piece(id).subarray(at, at + length)
      const bytes = new Uint8Array(length)
      for (let done = 0, next = id; done < length; next++) {
        const source = piece(next).subarray(next === id ? at : 0)
        const taken = source.subarray(0, length - done)
        bytes.set(taken, done)
        done += taken.length
      }
      return bytes
    },
    /** For when pieces were deleted: the next ones may get their numbers. */
    forgetPiece(): void {
      lastPiece = undefined
    },
    texts: (part: number, streamId: number) => listTexts.all(part, streamId) as TextRow[],
    streamBlocks: () =>
      listStreamBlocks.iterate() as IterableIterator<{ readonly block: number; readonly states: Uint8Array }>,
    streamBlock: (block: number) => readStreamBlock.get(block) as Uint8Array | undefined,
    lastTexts: () => listLastTexts.all() as { readonly streamId: number; readonly text: string }[],
    sizeBytes: () => size.get() as number,
    close: () => void database.close(),
  }
}

function inspections(database: Database.Database) {
  const prepare = (sql: string) => database.prepare(sql)
  const listAllPacks = prepare(
    'SELECT id, first_piece AS firstPiece, piece_count AS pieceCount FROM packs ORDER BY first_piece, id',
  )
  const readPack = prepare(
    `SELECT id, part, block, point_count AS pointCount, first_piece AS firstPiece, piece_count AS pieceCount,
       summaries FROM packs WHERE id = ?`,
  )
  const listPieces = prepare('SELECT id, data FROM pieces WHERE id >= ? AND id < ? ORDER BY id')
  const countPieces = prepare('SELECT count(*) FROM pieces').pluck()
  const listAllTexts = prepare(
    'SELECT part, stream AS streamId, time AS timeUs, seq, text FROM texts ORDER BY part, stream, time, seq',
  )
  return {
    /** What SQLite finds wrong with the file; `isQuick` leaves out whether indexes agree with their tables. */
    integrityProblems({ isQuick }: { isQuick: boolean }): string[] {
      const rows = database.pragma(isQuick ? 'quick_check' : 'integrity_check') as object[]
      return rows.map((row) => String(Object.values(row)[0])).filter((text) => text !== 'ok')
    },
    /** In the order of their pieces. */
    allPacks: () => listAllPacks.all() as Pick<InspectedPack, 'id' | 'firstPiece' | 'pieceCount'>[],
    pack: (id: number) => readPack.get(id) as InspectedPack,
    pieces: (from: number, to: number) =>
      listPieces.all(from, to) as { readonly id: number; readonly data: Uint8Array }[],
    pieceCount: () => countPieces.get() as number,
    allTexts: () => listAllTexts.iterate() as IterableIterator<InspectedText>,
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
    `INSERT INTO parts VALUES (?, ${MERGED.no}, ?)
     ON CONFLICT (part) DO UPDATE SET changed_at = excluded.changed_at`,
  )
  const setMerged = prepare(
    'INSERT INTO parts VALUES (?, ?, 0) ON CONFLICT (part) DO UPDATE SET merged = excluded.merged',
  )
  const endMerge = prepare(
    `UPDATE parts SET merged = ${MERGED.yes} WHERE part = ? AND merged = ${MERGED.underway}`,
  )
  const insertPiece = prepare('INSERT INTO pieces (data) VALUES (?)')
  const insertPack = prepare(
    `INSERT INTO packs (part, block, point_count, first_piece, piece_count, summaries)
     VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const deletePieces = prepare('DELETE FROM pieces WHERE id >= ? AND id < ?')
  const deletePack = prepare(
    'DELETE FROM packs WHERE id = ? RETURNING first_piece AS firstPiece, piece_count AS pieceCount',
  )
  const listPartPacks = prepare('SELECT id, point_count AS pointCount FROM packs WHERE part = ?')
  const insertText = prepare('INSERT INTO texts VALUES (?, ?, ?, ?, ?)')
  const deleteTexts = prepare('DELETE FROM texts WHERE part = ? AND stream = ? AND time >= ? AND time < ?')
  const dropTexts = prepare('DELETE FROM texts WHERE part = ?')
  const dropPart = prepare('DELETE FROM parts WHERE part = ?')
  const putStreamBlock = prepare('INSERT OR REPLACE INTO stream_blocks VALUES (?, ?)')
  const putLastText = prepare('INSERT OR REPLACE INTO last_texts VALUES (?, ?)')
  const deleteLastText = prepare('DELETE FROM last_texts WHERE stream = ?')

  const removePack = (id: number): void => {
    const { firstPiece, pieceCount } = deletePack.get(id) as PackRow
    deletePieces.run(firstPiece, firstPiece + pieceCount)
  }

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
    insertPack(part: number, block: number, { pointCount, summaries, data }: Pack): void {
      let firstPiece = 0
      let pieceCount = 0
      for (let at = 0; at < data.length; at += PIECE_BYTES, pieceCount++) {
        const id = insertPiece.run(data.subarray(at, at + PIECE_BYTES)).lastInsertRowid as number
        if (pieceCount === 0) firstPiece = id
        assert.equal(id, firstPiece + pieceCount, 'pieces of a pack have numbers that follow one another')
      }
      insertPack.run(part, block, pointCount, firstPiece, pieceCount, summaries)
    },
    deletePack: removePack,
    insertText: (part: number, streamId: number, row: TextRow) =>
      void insertText.run(part, streamId, row.timeUs, row.seq, row.text),
    deleteTexts: (part: number, streamId: number, range: { fromUs: number; toUs: number }) =>
      deleteTexts.run(part, streamId, range.fromUs, range.toUs).changes,
    /** Removes everything of a slice; answers how many points there were. */
    dropPart(part: number): number {
      let pointCount = dropTexts.run(part).changes
      for (const pack of listPartPacks.all(part) as PackRow[]) {
        pointCount += pack.pointCount
        removePack(pack.id)
      }
      dropPart.run(part)
      return pointCount
    },
    putStreamBlock: (block: number, states: Uint8Array) => void putStreamBlock.run(block, states),
    putLastText: (streamId: number, text: string) => void putLastText.run(streamId, text),
    deleteLastText: (streamId: number) => void deleteLastText.run(streamId),
    /** Gives up to so many unused pages back to the disk; answers how many are left. */
    giveBackPages(pagesMax: number): number {
      database.pragma(`incremental_vacuum(${pagesMax})`)
      return database.pragma('freelist_count', { simple: true }) as number
    },
  }
}

function storedPack({ id, firstPiece, summaries }: PackRow): StoredPack {
  const columns = decodeSummaries(summaries)
  for (let row = 0; row < columns.positions.length; row++) columns.positions[row] += firstPiece * PIECE_BYTES
  return { id, columns }
}
