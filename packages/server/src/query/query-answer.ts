/**
 * What a query answers, before it is written in any format: series one after the other, each in pages of
 * rows. Both are found as they are taken, so that a long answer is never held whole.
 */

export interface QueryAnswer {
  /** At least one. Raw points and a single aggregate have one column, called `value`. */
  readonly columns: readonly AnswerColumn[]
  readonly series: AsyncIterable<SeriesLot>
}

/** One series of any length, or many short ones that were read at once. */
export type SeriesLot = ResultSeries | ShortSeries

/** Waiting for each of a thousand series, and an object for each, would take longer than to read them. */
export interface ShortSeries {
  readonly labels: readonly SeriesLabels[]
  /** Parallel to the labels: the row behind the last one of each series. The first begins with row 0. */
  readonly ends: Uint32Array
  /** The rows of all of them, one series after the other. */
  readonly rows: RowPage
}

export function areShort(lot: SeriesLot): lot is ShortSeries {
  return 'ends' in lot
}

export interface AnswerColumn {
  readonly name: string
  /** The values come with times of their own, next to those of the rows. */
  readonly hasOwnTimes: boolean
}

export interface ResultSeries {
  readonly labels: SeriesLabels
  /**
   * Rows in ascending time; no page is empty. A second call reads again, and sees points that have come
   * in between. A list is what was read already.
   */
  pages(): Pages
}

/** A list where many short series were read at once: there waiting for each page would take the most time. */
export type Pages = AsyncIterable<RowPage> | readonly RowPage[]

export function isPageList(pages: Pages): pages is readonly RowPage[] {
  return Array.isArray(pages)
}

/** What all streams of a series have in common: the slug of the stream, names of everything else. */
export interface SeriesLabels {
  readonly stream: string | undefined
  readonly device: string | undefined
  readonly variable: string | undefined
  readonly project: string | undefined
}

export interface RowPage {
  readonly timesUs: Float64Array
  /** Parallel to the columns of the answer. */
  readonly columns: readonly ValueColumn[]
}

/** One value per row. NaN is no value, or the text that `texts` has for the row. */
export interface ValueColumn {
  readonly values: Float64Array
  readonly texts?: ReadonlyMap<number, string> | undefined
  /** NaN in a row without a value. */
  readonly ownTimesUs?: Float64Array | undefined
}

/** Rows that may be written between two looks at how long a block has become: texts can be long, numbers not. */
export function rowsBetweenLooks({ columns }: RowPage): number {
  return columns.some(({ texts }) => texts !== undefined) ? 1 : 32
}

/** The one column of raw points and of a single aggregate. */
export const VALUE_COLUMN: AnswerColumn = { name: 'value', hasOwnTimes: false }

/** The series of a lot, one by one. */
export function* seriesOfLot(lot: SeriesLot): Generator<ResultSeries> {
  if (!areShort(lot)) {
    yield lot
    return
  }
  for (const [index, labels] of lot.labels.entries()) {
    const pages = pagesAt(lot, index)
    yield { labels, pages: () => pages }
  }
}

/** The rows of one of many series: one page, or none when there are no rows. */
export function pagesAt({ ends, rows }: Omit<ShortSeries, 'labels'>, index: number): RowPage[] {
  const from = index === 0 ? 0 : ends[index - 1]
  return from < ends[index] ? [rowsBetween(rows, from, ends[index])] : []
}

/** Cuts pages off after so many rows. */
export async function* takeRows(pages: Pages, rowsMax: number): AsyncGenerator<RowPage> {
  let left = rowsMax
  for await (const page of pages) {
    const rowCount = page.timesUs.length
    yield rowCount <= left ? page : rowsBetween(page, 0, left)
    left -= rowCount
    if (left <= 0) return
  }
}

function rowsBetween({ timesUs, columns }: RowPage, from: number, to: number): RowPage {
  return {
    timesUs: timesUs.subarray(from, to),
    columns: columns.map(({ values, texts, ownTimesUs }) => ({
      values: values.subarray(from, to),
      texts: texts && textsBetween(texts, from, to),
      ownTimesUs: ownTimesUs?.subarray(from, to),
    })),
  }
}

function textsBetween(
  texts: ReadonlyMap<number, string>,
  from: number,
  to: number,
): ReadonlyMap<number, string> {
  if (from === 0) return texts // Texts of rows that are cut off stay behind unseen.
  const found = new Map<number, string>()
  for (let row = from; row < to; row++) {
    const text = texts.get(row)
    if (text !== undefined) found.set(row - from, text)
  }
  return found
}
