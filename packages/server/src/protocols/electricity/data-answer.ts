/** Rows of the table as a rendered answer. */
import { type ConsumpSelection, readConsumpRows } from '../../catalog/consumpdata.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { TooLargeError } from '../../errors.ts'
import { renderAnswer, renderRecords } from './record-json.ts'

/** Quarter hours of 28 years, some 230 MB: an answer is held in memory until it is sent. */
const ROWS_MAX = 1_000_000

export const NO_DATA = renderAnswer({ message: 'No data found', rowCount: 0, parts: [] })

/**
 * Reads one state of the table, also when an import commits meanwhile.
 * @throws {TooLargeError} more than `rowsMax` rows.
 */
export async function answerRows(
  db: CatalogDb,
  selection: ConsumpSelection,
  rowsMax = ROWS_MAX,
): Promise<Buffer> {
  const parts: Buffer[] = []
  let rowCount = 0
  const snapshot = db.transaction().setIsolationLevel('repeatable read')
  await snapshot.execute(async (transaction) => {
    for await (const rows of readConsumpRows(transaction, selection)) {
      rowCount += rows.length
      if (rowCount > rowsMax) throw new TooLargeError(`More than ${rowsMax} rows; ask for a part of them`)
      parts.push(renderRecords(rows))
    }
  })
  return rowCount === 0 ? NO_DATA : renderAnswer({ message: '', rowCount, parts })
}
