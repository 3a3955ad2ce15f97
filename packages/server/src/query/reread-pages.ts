/**
 * Pages of a series that are gone through several times, as a format does that writes all times before the
 * first value. So much is kept in memory; what is longer is read from the store again.
 */
import { ConflictError } from '../errors.ts'
import { isPageList, type Pages, type ResultSeries, type RowPage } from './query-answer.ts'

/** About four million numbers. */
export const KEPT_BYTES_MAX = 32 * 1024 * 1024

/** What a page read again is compared with. */
interface PageMark {
  readonly rowCount: number
  readonly timesHash: number
}

export class RereadPages {
  #series: ResultSeries
  #keptBytesMax: number
  #kept: readonly RowPage[] = []
  #marks: PageMark[] = []

  constructor(series: ResultSeries, keptBytesMax = KEPT_BYTES_MAX) {
    this.#series = series
    this.#keptBytesMax = keptBytesMax
  }

  /** Must be gone through to its end before `again`. */
  first(): Pages {
    const pages = this.#series.pages()
    if (!isPageList(pages)) return this.#remembering(pages)
    this.#kept = pages
    return pages
  }

  /**
   * The same rows once more.
   * @throws {ConflictError} points came or went in between, and the answer can no longer be finished.
   */
  again(): Pages {
    return this.#marks.length === 0 ? this.#kept : this.#reread()
  }

  async *#remembering(pages: AsyncIterable<RowPage>): AsyncGenerator<RowPage> {
    const kept: RowPage[] = []
    this.#kept = kept
    let keptBytes = 0
    for await (const page of pages) {
      // Once a page had to be let go, the later ones go as well: they are read again in one run.
      if (this.#marks.length === 0) keptBytes += sizeBytes(page)
      if (keptBytes <= this.#keptBytesMax) kept.push(page)
      else this.#marks.push({ rowCount: page.timesUs.length, timesHash: hashTimes(page.timesUs) })
      yield page
    }
  }

  async *#reread(): AsyncGenerator<RowPage> {
    yield* this.#kept
    let index = 0
    for await (const page of this.#series.pages()) {
      if (index >= this.#kept.length) {
        const mark = this.#marks[index - this.#kept.length]
        yield markedRows(page, mark)
      }
      index++
      if (index === this.#kept.length + this.#marks.length) return
    }
    throw changedMeanwhile()
  }
}

/** New points may have followed on the last page; they are left for the next query. */
function markedRows(page: RowPage, { rowCount, timesHash }: PageMark): RowPage {
  const timesUs = page.timesUs.subarray(0, rowCount)
  if (timesUs.length < rowCount || hashTimes(timesUs) !== timesHash) throw changedMeanwhile()
  return { ...page, timesUs }
}

function changedMeanwhile(): ConflictError {
  return new ConflictError(
    'Points of this range changed while the answer was written. Ask again, or ask for csv or ndjson, ' +
      'which are written in one pass.',
  )
}

function sizeBytes({ timesUs, columns }: RowPage): number {
  let size = timesUs.byteLength
  for (const { values, texts } of columns) {
    size += values.byteLength
    for (const text of texts?.values() ?? []) size += 2 * text.length
  }
  return size
}

/** 4294967291 is the largest prime below 2^32: all products stay whole numbers. */
function hashTimes(timesUs: Float64Array): number {
  let hash = 0
  for (const timeUs of timesUs) hash = (hash * 31 + (timeUs % 4_294_967_291)) % 4_294_967_291
  return hash
}
