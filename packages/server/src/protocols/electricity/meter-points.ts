/** The rows of a file as points of the eight streams. */
import type { NewConsumpRow } from '../../catalog/consumpdata.ts'
import { type PointBatch, PointBatchBuilder } from '../../model/point-batch.ts'
import { MEASUREMENTS } from './measurements.ts'

/** Rows of one batch: eight points each at most, of which a store takes half a million at once. */
const BATCH_ROWS = 50_000

/**
 * One point per cell that is not empty, in file order, so that of a repeated moment the last row holds.
 * `streamIds` is in the order of `MEASUREMENTS`, `timesUs` parallel to `rows`.
 */
export function* pointBatches(
  streamIds: Uint32Array,
  { rows, timesUs }: { rows: readonly NewConsumpRow[]; timesUs: readonly number[] },
): Generator<PointBatch> {
  const builder = new PointBatchBuilder(Math.min(rows.length, BATCH_ROWS) * MEASUREMENTS.length)
  for (const [index, row] of rows.entries()) {
    for (const [column, { name }] of MEASUREMENTS.entries()) {
      const cell = row[name]
      if (cell !== null) builder.add(streamIds[column], timesUs[index], Number(cell))
    }
    if ((index + 1) % BATCH_ROWS === 0 && builder.rowCount > 0) yield builder.take()
  }
  if (builder.rowCount > 0) yield builder.take()
}
