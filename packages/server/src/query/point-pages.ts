/** Long runs of raw points, read a page at a time. */
import type { PointColumns, PointStore, TimeRange } from '../points/point-store.ts'

export interface PageRange extends TimeRange {
  readonly streamId: number
  /** At most so many points, the oldest ones; without it all of them. */
  readonly limit?: number | undefined
}

/** A stream of long texts shows itself before a full page of them is in memory. */
const FIRST_PAGE_ROWS = 2_048
/** Whole multiples of what a store keeps together, so that little has to be unpacked twice. */
const PAGE_ROWS_MAX = 5 * FIRST_PAGE_ROWS
const PAGE_TEXT_CHARS_MAX = 1_048_576

/** Points of one stream, ascending; no page is empty. */
export async function* readPages(store: PointStore, range: PageRange): AsyncGenerator<PointColumns> {
  let { fromUs } = range
  let left = range.limit ?? Number.POSITIVE_INFINITY
  let pageRows = FIRST_PAGE_ROWS
  while (left > 0 && fromUs < range.toUs) {
    const limit = Math.min(left, pageRows)
    const page = await store.readRange(range.streamId, { fromUs, toUs: range.toUs, limit })
    const rowCount = page.timesUs.length
    if (rowCount > 0) yield page
    if (rowCount < limit) return
    fromUs = page.timesUs[rowCount - 1] + 1
    left -= rowCount
    pageRows = fittingRows(page)
  }
}

/** How many rows the next page may have when its texts are as long as in this one. */
function fittingRows({ timesUs, texts }: PointColumns): number {
  let charCount = 0
  for (const text of texts?.values() ?? []) charCount += text.length
  const charsPerRow = Math.max(1, charCount / timesUs.length)
  return Math.min(PAGE_ROWS_MAX, Math.ceil(PAGE_TEXT_CHARS_MAX / charsPerRow))
}
