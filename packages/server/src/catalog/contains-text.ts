/** Searching for a piece of text, alike on every database. */
import { type RawBuilder, sql } from 'kysely'

/**
 * True where `column` contains `text`, in any case of its letters (on SQLite: of its ASCII letters).
 * `%` and `_` stand for themselves.
 */
export function containsText(column: string, text: string): RawBuilder<boolean> {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return sql<boolean>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`
}
