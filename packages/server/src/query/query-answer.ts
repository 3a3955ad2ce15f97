/**
 * What a query answers, before it is written in any format: series one after the other, each in pages of
 * rows. Both are found as they are taken, so that a long answer is never held whole.
 */

export interface QueryAnswer {
  /** At least one. Raw points and a single aggregate have one column, called `value`. */
  readonly columns: readonly AnswerColumn[]
  readonly series: AsyncIterable<ResultSeries>
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

/** The one column of raw points and of a single aggregate. */
export const VALUE_COLUMN: AnswerColumn = { name: 'value', hasOwnTimes: false }

/** Cuts pages off after so many rows. */
export async function* takeRows(pages: Pages, rowsMax: number): AsyncGenerator<RowPage> {
  let left = rowsMax
  for await (const page of pages) {
    const rowCount = page.timesUs.length
    yield rowCount <= left ? page : firstRows(page, left)
    left -= rowCount
    if (left <= 0) return
  }
}

/** Texts of the rows cut off stay behind unseen. */
function firstRows(page: RowPage, rowCount: number): RowPage {
  return {
    timesUs: page.timesUs.subarray(0, rowCount),
    columns: page.columns.map(({ values, texts, ownTimesUs }) => ({
      values: values.subarray(0, rowCount),
      texts,
      ownTimesUs: ownTimesUs?.subarray(0, rowCount),
    })),
  }
}
