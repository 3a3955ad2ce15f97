/**
 * Looks at every pack, chunk and text of a chunk database that is at rest: what the bytes say of themselves,
 * and whether everything that is kept of them elsewhere says the same.
 */
import { setImmediate } from 'node:timers/promises'
import { UnavailableError } from '../../errors.ts'
import type { PointValue } from '../../model/point-batch.ts'
import { Check } from './check.ts'
import { type ChunkInspection, type InspectedPack, inspectChunkDatabase } from './chunk-database.ts'
import { chunkCount, decodeChunk } from './codec/chunk-codec.ts'
import { BLOCK_STREAMS, decodeSummaries, type PackColumns, PIECE_BYTES } from './pack.ts'
import { partOf } from './parts.ts'
import { forEachStream } from './stream-blocks.ts'
import { summarise } from './write-chunks.ts'

export interface VerifyOptions {
  /** Hears of each check when it is over. */
  onCheck(check: Check): void
  /** Hears how many more bytes were looked at. */
  onBytes(count: number): void
}

/** What the other checks have to know. */
export interface ChunkFindings {
  readonly flushedGeneration: number
  readonly streamIds: ReadonlySet<number>
}

/** What the points of a stream come to. */
interface Found {
  firstUs: number
  lastUs: number
  lastSeq: number
  last: PointValue
}

/** Larger files are checked without their indexes: it takes a fraction of the time. */
const QUICK_BYTES = 1024 ** 3
const FILE_TITLE = 'database of the points'
const PACKS_PER_TURN = 16
const TEXTS_PER_TURN = 10_000

/** @throws {UnavailableError} the file has a format that this program does not know. */
export async function verifyChunks(path: string, options: VerifyOptions): Promise<ChunkFindings> {
  let database: ChunkInspection
  try {
    database = inspectChunkDatabase(path)
  } catch (error) {
    if (error instanceof UnavailableError) throw error
    const check = new Check(FILE_TITLE)
    check.problem((error as Error).message)
    options.onCheck(check)
    return { flushedGeneration: 0, streamIds: new Set() }
  }
  try {
    return await new ChunkVerifier(database, options).run()
  } finally {
    database.close()
  }
}

class ChunkVerifier {
  #database: ChunkInspection
  #options: VerifyOptions
  #partUs: number
  #parts: ReadonlySet<number>
  #streams = new Map<number, Found>()
  #pointCount = 0

  constructor(database: ChunkInspection, options: VerifyOptions) {
    this.#database = database
    this.#options = options
    this.#partUs = database.meta().partUs
    this.#parts = new Set(database.parts().map(({ part }) => part))
  }

  async run(): Promise<ChunkFindings> {
    await this.#check(FILE_TITLE, (check) => this.#checkFile(check))
    await this.#check('points', async (check) => {
      await this.#checkPacks(check)
      await this.#checkTexts(check)
      const { pointCount } = this.#database.meta()
      check.expect(
        pointCount === this.#pointCount,
        () => `there are ${this.#pointCount} points, and should be ${pointCount}`,
      )
    })
    await this.#check('latest values', (check) => this.#checkStreams(check))
    const { flushedGeneration } = this.#database.meta()
    return { flushedGeneration, streamIds: new Set(this.#streams.keys()) }
  }

  /** What cannot even be read is a problem, and the next check goes on. */
  async #check(title: string, look: (check: Check) => void | Promise<void>): Promise<void> {
    const check = new Check(title)
    try {
      await look(check)
    } catch (error) {
      check.problem((error as Error).message)
    }
    this.#options.onCheck(check)
  }

  #checkFile(check: Check): void {
    const bytes = this.#database.sizeBytes()
    check.count('bytes', bytes)
    for (const text of this.#database.integrityProblems({ isQuick: bytes > QUICK_BYTES })) check.problem(text)
  }

  async #checkPacks(check: Check): Promise<void> {
    let endOfLast = 0
    let pieceCount = 0
    for (const [i, { id, firstPiece, pieceCount: count }] of this.#database.allPacks().entries()) {
      check.count('packs')
      check.expect(firstPiece >= endOfLast, () => `pack ${id} has pieces of another pack`)
      endOfLast = firstPiece + count
      pieceCount += count
      this.#checkPack(check, id)
      if (i % PACKS_PER_TURN === 0) await setImmediate()
    }
    const stored = this.#database.pieceCount()
    check.expect(stored === pieceCount, () => `${pieceCount} pieces belong to packs, and there are ${stored}`)
  }

  #checkPack(check: Check, id: number): void {
    try {
      const pack = this.#database.pack(id)
      const data = this.#dataOf(check, pack)
      const columns = decodeSummaries(pack.summaries)
      this.#options.onBytes(data.length + pack.summaries.length)
      const rows = columns.counts.length
      const points = columns.counts.reduce((sum, count) => sum + count, 0)
      this.#pointCount += points
      check.count('chunks', rows)
      check.count('points', points)
      const expect = (condition: boolean, text: string) =>
        check.expect(condition, () => `pack ${id}: ${text}`)
      expect(points === pack.pointCount, `it has ${points} points, and should have ${pack.pointCount}`)
      expect(this.#parts.has(pack.part), `its slice ${pack.part} is not known`)
      expect(endOfChunks(columns) === data.length, 'its chunks do not fill its pieces')
      for (let row = 0; row < rows; row++) {
        const problem = this.#problemOfChunk(pack, columns, row, data)
        if (problem !== undefined) check.problem(`pack ${id}, chunk ${row}: ${problem}`)
        // What a chunk says of itself is its points' where no problem was found.
        this.#meet(pack.block * BLOCK_STREAMS + columns.streamSlots[row], {
          firstUs: columns.startsUs[row],
          lastUs: columns.stopsUs[row],
          lastSeq: columns.seqs[row],
          last: columns.lasts[row] + 0,
        })
      }
    } catch (error) {
      check.problem(`pack ${id}: ${(error as Error).message}`)
    }
  }

  /** The bytes of all pieces, one after the other. */
  #dataOf(check: Check, { id, firstPiece, pieceCount }: InspectedPack): Uint8Array {
    const pieces = this.#database.pieces(firstPiece, firstPiece + pieceCount)
    const isWhole =
      pieces.length === pieceCount &&
      pieces.slice(0, -1).every(({ data }) => data.length === PIECE_BYTES) &&
      pieces.every(({ data }) => data.length <= PIECE_BYTES)
    check.expect(isWhole, () => `pack ${id}: pieces are missing, or not as long as they should be`)
    const data = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.data.length, 0))
    let at = 0
    for (const piece of pieces) {
      data.set(piece.data, at)
      at += piece.data.length
    }
    return data
  }

  #problemOfChunk(
    { part }: InspectedPack,
    columns: PackColumns,
    row: number,
    data: Uint8Array,
  ): string | undefined {
    const slot = columns.streamSlots[row]
    const startUs = columns.startsUs[row]
    if (slot >= BLOCK_STREAMS) return `it belongs to stream ${slot} of ${BLOCK_STREAMS}`
    if (row > 0 && !follows(columns, row)) return 'it does not come after the chunk before it'
    const bytes = data.subarray(columns.positions[row], columns.positions[row] + columns.lengths[row])
    if (bytes.length === 0) return 'its bytes are missing'
    const count = chunkCount(bytes)
    const timesUs = new Float64Array(count)
    const values = new Float64Array(count)
    try {
      decodeChunk(bytes, startUs, { timesUs, values })
    } catch (error) {
      return (error as Error).message
    }
    if (count !== columns.counts[row]) return `it has ${count} points, and should have ${columns.counts[row]}`
    if (!timesUs.every((timeUs, i) => i === 0 || timeUs > timesUs[i - 1])) return 'its times do not ascend'
    const parts = [startUs, timesUs[count - 1]].map((timeUs) => partOf(timeUs, this.#partUs))
    if (!parts.every((found) => found === part)) return `it is not of the slice ${part}`
    const summary = summarise(timesUs, values, 0, count)
    const wrong = SUMMARY.find(([name, column]) => !Object.is(summary[name] + 0, columns[column][row] + 0))
    return wrong && `its summary has another ${wrong[0]} than its points`
  }

  async #checkTexts(check: Check): Promise<void> {
    let count = 0
    for (const { part, streamId, timeUs, seq, text } of this.#database.allTexts()) {
      count++
      const isInPlace = partOf(timeUs, this.#partUs) === part && this.#parts.has(part)
      check.expect(isInPlace, () => `a text of stream ${streamId} is not of the slice ${part}`)
      this.#meet(streamId, { firstUs: timeUs, lastUs: timeUs, lastSeq: seq, last: text })
      if (count % TEXTS_PER_TURN === 0) await setImmediate()
    }
    this.#pointCount += count
    check.count('points', count)
    check.count('texts', count)
  }

  /** Takes note of points; of equal last times the later write holds. */
  #meet(streamId: number, found: Found): void {
    const known = this.#streams.get(streamId)
    if (known === undefined) {
      this.#streams.set(streamId, found)
      return
    }
    if (found.firstUs < known.firstUs) known.firstUs = found.firstUs
    const isLater = found.lastUs - known.lastUs || found.lastSeq - known.lastSeq
    if (isLater > 0) Object.assign(known, { ...found, firstUs: known.firstUs })
  }

  #checkStreams(check: Check): void {
    const known = new Set<number>()
    forEachStream(this.#database, (streamId, facts) => {
      known.add(streamId)
      check.count('streams')
      const found = this.#streams.get(streamId)
      if (found === undefined)
        return check.problem(`stream ${streamId} has none of the points it should have`)
      const { firstUs, lastUs, last } = found
      check.expect(
        facts.firstUs === firstUs && facts.lastUs === lastUs,
        () => `the first or last time of stream ${streamId} is not that of its points`,
      )
      check.expect(
        Object.is(facts.last, last),
        () => `the latest value of stream ${streamId} is not that of its points`,
      )
    })
    for (const streamId of this.#streams.keys()) {
      check.expect(known.has(streamId), () => `stream ${streamId} has points that nothing else knows of`)
    }
  }
}

const SUMMARY = [
  ['stopUs', 'stopsUs'],
  ['min', 'mins'],
  ['max', 'maxs'],
  ['sum', 'sums'],
  ['first', 'firsts'],
  ['last', 'lasts'],
] as const

/** Chunks lie by stream and start, and their bytes one after the other. */
function follows({ streamSlots, startsUs, positions, lengths }: PackColumns, row: number): boolean {
  const isInOrder =
    streamSlots[row] > streamSlots[row - 1] ||
    (streamSlots[row] === streamSlots[row - 1] && startsUs[row] >= startsUs[row - 1])
  return isInOrder && positions[row] === positions[row - 1] + lengths[row - 1]
}

function endOfChunks({ positions, lengths }: PackColumns): number {
  return positions.at(-1)! + lengths.at(-1)!
}
