/**
 * The table behind the electricity API: row ids in order of import, dates that may repeat, exact decimals.
 * Rows are read in pages, so that a long answer leaves others their turn.
 */
import { setImmediate } from 'node:timers/promises'
import type { SelectQueryBuilder } from 'kysely'
import { takeIds } from './counters.ts'
import type { CatalogDb, CatalogTables, ConsumpRow } from './schema.ts'

export type NewConsumpRow = Omit<ConsumpRow, 'id'>

/** Which rows to read. */
export type ConsumpSelection =
  | DateSelection
  /** Ascending, each once. */
  | { readonly kind: 'ids'; readonly ids: readonly number[] }

type DateSelection =
  | { readonly kind: 'all' }
  /** Rows whose date is LIKE this text, which holds no escapes. */
  | { readonly kind: 'like'; readonly pattern: string }
  /** Both inclusive, compared as text with `YYYY-MM-DD HH:MM:SS`. */
  | { readonly kind: 'between'; readonly first: string; readonly last: string }

/** Rows of one statement: ten parameters each, of which the databases take some thirty thousand. */
const INSERT_ROWS_MAX = 500
const PAGE_ROWS = 1_000

/** Makes other imports wait until the caller's transaction ends, so that they see what it did. */
export async function lockConsumpRows(db: CatalogDb): Promise<void> {
  await takeIds(db, 'consumpdata', 0)
}

/** Adds rows within the caller's transaction; their ids follow the last one ever given. */
export async function insertConsumpRows(db: CatalogDb, rows: readonly NewConsumpRow[]): Promise<void> {
  if (rows.length === 0) return
  const firstId = await takeIds(db, 'consumpdata', rows.length)
  for (let start = 0; start < rows.length; start += INSERT_ROWS_MAX) {
    const values = rows
      .slice(start, start + INSERT_ROWS_MAX)
      .map((row, index) => ({ id: firstId + start + index, ...row }))
    await db.insertInto('consumpdata').values(values).execute()
  }
}

/** Removes every row; ids begin at 1 again. */
export async function deleteConsumpRows(db: CatalogDb): Promise<void> {
  await db.deleteFrom('consumpdata').execute()
  await db.updateTable('counters').set({ last_id: 0 }).where('name', '=', 'consumpdata').execute()
}

export async function countConsumpRows(db: CatalogDb): Promise<number> {
  const { count } = await db
    .selectFrom('consumpdata')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Pages of the selected rows in ascending id, none of them empty. Consistent within a transaction. */
export async function* readConsumpRows(
  db: CatalogDb,
  selection: ConsumpSelection,
): AsyncGenerator<ConsumpRow[]> {
  if (selection.kind === 'ids') {
    yield* readByIds(db, selection.ids)
    return
  }
  let lastId = 0
  for (;;) {
    const rows = await select(db, selection).where('id', '>', lastId).orderBy('id').limit(PAGE_ROWS).execute()
    if (rows.length > 0) yield rows
    if (rows.length < PAGE_ROWS) return
    lastId = rows[PAGE_ROWS - 1].id
    await setImmediate()
  }
}

async function* readByIds(db: CatalogDb, ids: readonly number[]): AsyncGenerator<ConsumpRow[]> {
  for (let start = 0; start < ids.length; start += PAGE_ROWS) {
    const page = ids.slice(start, start + PAGE_ROWS)
    const rows = await db
      .selectFrom('consumpdata')
      .selectAll()
      .where('id', 'in', page)
      .orderBy('id')
      .execute()
    if (rows.length > 0) yield rows
    await setImmediate()
  }
}

function select(
  db: CatalogDb,
  selection: DateSelection,
): SelectQueryBuilder<CatalogTables, 'consumpdata', ConsumpRow> {
  const rows = db.selectFrom('consumpdata').selectAll()
  switch (selection.kind) {
    case 'all':
      return rows
    case 'like':
      return rows.where('date', 'like', selection.pattern)
    case 'between':
      return rows.where('date', '>=', selection.first).where('date', '<=', selection.last)
  }
}
