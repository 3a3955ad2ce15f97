/**
 * The head that takes points: appends what is durable in the log to memory that every thread can read
 * (`head-view.ts`). Its memory is used again for a later head once nobody looks at it any more.
 */
import type { PointBatch } from '../../model/point-batch.ts'
import { HAS_TEXT, type HeadMemory, HeadView, UNORDERED } from './head-view.ts'

/** What is not a column of rows begins with room for so many streams, and so many bytes of text. */
const STREAMS_AT_FIRST = 1_024
const TEXT_BYTES_AT_FIRST = 1_024
/** A head with more text than that is full. */
const TEXT_BYTES_MAX = 32 * 1024 * 1024
const TEXT_HEADER_BYTES = 4
/** High half of the NaN that stands for a text. */
const NAN_WORD = 0x7ff80000

export class Head {
  #generation: number
  #view: HeadView
  #rowCount = 0
  #pointsMax: number
  #rows: RowColumns
  #streams: StreamColumns
  #texts: Buffer
  #textBytes = 0

  constructor(generation: number, pointsMax: number) {
    this.#generation = generation
    this.#pointsMax = pointsMax
    this.#rows = rowColumns(pointsMax)
    this.#streams = streamColumns(STREAMS_AT_FIRST)
    this.#texts = sharedBuffer(TEXT_BYTES_AT_FIRST)
    this.#view = new HeadView(this.memory())
  }

  get generation(): number {
    return this.#generation
  }

  get pointCount(): number {
    return this.#rowCount
  }

  /** For readers in this thread; sees every point that was appended. */
  get view(): HeadView {
    this.#view.rowCount = this.#rowCount
    return this.#view
  }

  /** For readers in other threads; they see the points appended so far. */
  memory(): HeadMemory {
    const buffer = (column: { buffer: ArrayBufferLike }) => column.buffer as SharedArrayBuffer
    return {
      generation: this.#generation,
      rowCount: this.#rowCount,
      timesUs: buffer(this.#rows.timesUs),
      values: buffer(this.#rows.values),
      streamIds: buffer(this.#rows.streamIds),
      previous: buffer(this.#rows.previous),
      streamNewest: buffer(this.#streams.newest),
      streamCounts: buffer(this.#streams.counts),
      streamMarks: buffer(this.#streams.marks),
      texts: buffer(this.#texts),
    }
  }

  hasRoomFor(count: number): boolean {
    return this.#rowCount + count <= this.#pointsMax && this.#textBytes < TEXT_BYTES_MAX
  }

  /** Takes all points of a batch; a batch larger than what is left makes the head grow. */
  append(batch: PointBatch): void {
    const count = batch.timesUs.length
    const first = this.#rowCount
    if (first + count > this.#rows.timesUs.length) this.#growRows(first + count)
    this.#rows.timesUs.set(batch.timesUs, first)
    this.#rows.values.set(batch.values, first)
    this.#rows.streamIds.set(batch.streamIds, first)
    for (const [row, text] of batch.texts ?? []) this.#putText(first + row, text)
    this.#link(batch, first)
    this.#rowCount += count
  }

  /** Empties it for a new life. Nobody may be reading it. */
  reset(generation: number): void {
    this.#generation = generation
    this.#rowCount = 0
    this.#textBytes = 0
    // What one batch or many texts made grow is not kept.
    if (this.#rows.timesUs.length > this.#pointsMax) this.#rows = rowColumns(this.#pointsMax)
    this.#texts = sharedBuffer(TEXT_BYTES_AT_FIRST)
    this.#streams.newest.fill(0)
    this.#streams.counts.fill(0)
    this.#streams.marks.fill(0)
    this.#streams.lastsUs.fill(0)
    this.#view = new HeadView(this.memory())
  }

  #link({ streamIds, timesUs, texts }: PointBatch, first: number): void {
    let { newest, counts, marks, lastsUs } = this.#streams
    const { previous } = this.#rows
    for (let i = 0; i < streamIds.length; i++) {
      const streamId = streamIds[i]
      const timeUs = timesUs[i]
      if (streamId >= newest.length) {
        this.#growStreams(streamId + 1)
        ;({ newest, counts, marks, lastsUs } = this.#streams)
      }
      const link = newest[streamId]
      if (link !== 0 && lastsUs[streamId] >= timeUs) marks[streamId] |= UNORDERED
      previous[first + i] = link
      newest[streamId] = first + i + 1
      counts[streamId]++
      lastsUs[streamId] = timeUs
    }
    for (const row of texts?.keys() ?? []) marks[streamIds[row]] |= HAS_TEXT
  }

  #putText(row: number, text: string): void {
    const length = Buffer.byteLength(text)
    const end = this.#textBytes + TEXT_HEADER_BYTES + length
    if (end > this.#texts.length) {
      const from = this.#texts
      this.#texts = sharedBuffer(2 * end)
      this.#texts.set(from)
      this.#view = new HeadView(this.memory())
    }
    this.#texts.writeUInt32LE(length, this.#textBytes)
    this.#texts.write(text, this.#textBytes + TEXT_HEADER_BYTES)
    this.#rows.words[2 * row] = this.#textBytes
    this.#rows.words[2 * row + 1] = NAN_WORD
    this.#textBytes = end
  }

  #growRows(pointsMax: number): void {
    const from = this.#rows
    this.#rows = rowColumns(pointsMax)
    this.#rows.timesUs.set(from.timesUs)
    this.#rows.words.set(from.words)
    this.#rows.streamIds.set(from.streamIds)
    this.#rows.previous.set(from.previous)
    this.#view = new HeadView(this.memory())
  }

  #growStreams(streamCount: number): void {
    const from = this.#streams
    this.#streams = streamColumns(Math.max(streamCount, 2 * from.newest.length))
    this.#streams.newest.set(from.newest)
    this.#streams.counts.set(from.counts)
    this.#streams.marks.set(from.marks)
    this.#streams.lastsUs.set(from.lastsUs)
    this.#view = new HeadView(this.memory())
  }
}

type RowColumns = ReturnType<typeof rowColumns>
type StreamColumns = ReturnType<typeof streamColumns>

function rowColumns(count: number) {
  const values = new Float64Array(new SharedArrayBuffer(8 * count))
  return {
    timesUs: new Float64Array(new SharedArrayBuffer(8 * count)),
    values,
    /** The values as pairs of 32 bits. */
    words: new Uint32Array(values.buffer),
    streamIds: new Uint32Array(new SharedArrayBuffer(4 * count)),
    previous: new Uint32Array(new SharedArrayBuffer(4 * count)),
  }
}

function streamColumns(count: number) {
  return {
    newest: new Uint32Array(new SharedArrayBuffer(4 * count)),
    counts: new Uint32Array(new SharedArrayBuffer(4 * count)),
    marks: new Uint8Array(new SharedArrayBuffer(count)),
    /** Time of the newest row; only the owner asks. */
    lastsUs: new Float64Array(count),
  }
}

function sharedBuffer(bytes: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(bytes))
}
