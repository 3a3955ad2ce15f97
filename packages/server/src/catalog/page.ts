/** One page of a list, cut by the database. */
import type { SelectQueryBuilder } from 'kysely'
import type { CatalogTables } from './schema.ts'

export interface Page {
  /** Rows on the page at most. */
  readonly limit: number
  /** Rows before it. */
  readonly offset: number
}

export interface Paged<Row> {
  /** Rows on all pages. */
  readonly count: number
  readonly rows: Row[]
}

/**
 * Counts what `matches` selects and reads one page of it.
 * `rows` adds the columns and an order without ties, so that no row is on two pages.
 */
export async function readPage<Tables extends keyof CatalogTables, Row>(
  matches: SelectQueryBuilder<CatalogTables, Tables, unknown>,
  page: Page,
  rows: (
    matches: SelectQueryBuilder<CatalogTables, Tables, unknown>,
  ) => SelectQueryBuilder<CatalogTables, Tables, Row>,
): Promise<Paged<Row>> {
  const { count } = await matches
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) <= page.offset) return { count: Number(count), rows: [] }
  return { count: Number(count), rows: await rows(matches).limit(page.limit).offset(page.offset).execute() }
}
