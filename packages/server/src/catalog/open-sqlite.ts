/** The embedded catalog. This is the only file of the catalog that knows SQLite. */
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { ChangeCounter, type CountedCatalog } from './change-counter.ts'
import type { CatalogDb, CatalogTables } from './schema.ts'

/** Opens, and if need be creates, the catalog file. A commit survives power loss (WAL, synchronous FULL). */
export function openSqlite(path: string): CountedCatalog {
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('busy_timeout = 5000')
  const changes = new ChangeCounter()
  const db = new Kysely<CatalogTables>({ dialect: new SqliteDialect({ database }), plugins: [changes] })
  return Object.assign(db, { changes })
}

/** A second connection that cannot change anything, whatever is asked of it. The file must exist. */
export function openSqliteReadOnly(path: string): CatalogDb {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  database.pragma('query_only = ON')
  database.pragma('busy_timeout = 5000')
  return new Kysely<CatalogTables>({ dialect: new SqliteDialect({ database }) })
}
