/** The embedded catalog. Of the catalog only this file and `sqlite-dialect.ts` know SQLite. */
import Database from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import { ChangeCounter, type CountedCatalog } from './change-counter.ts'
import type { CatalogDb, CatalogTables } from './schema.ts'
import { CatalogDialect, type SqliteFile } from './sqlite-dialect.ts'

/** Opens, and if need be creates, the catalog file. A commit survives power loss (WAL, synchronous FULL). */
export function openSqlite(path: string): CountedCatalog {
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('busy_timeout = 5000')
  const changes = new ChangeCounter()
  const db = new Kysely<CatalogTables>({ dialect: dialectOf(database), plugins: [changes] })
  return Object.assign(db, { changes })
}

/** A second connection that cannot change anything, whatever is asked of it. The file must exist. */
export function openSqliteReadOnly(path: string): CatalogDb {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  database.pragma('query_only = ON')
  database.pragma('busy_timeout = 5000')
  return new Kysely<CatalogTables>({ dialect: dialectOf(database) })
}

const STATEMENTS_MAX = 200
/** Statements about hundreds of rows or keys are too different from each other to come again. */
const STATEMENT_CHARS_MAX = 4_000

function dialectOf(database: Database.Database): CatalogDialect {
  return new CatalogDialect(keepingStatements(database))
}

/** Prepares a statement once: most of the time of a small query goes into that. */
function keepingStatements(database: Database.Database): SqliteFile {
  const kept = new Map<string, Database.Statement>()
  return {
    close: () => database.close(),
    get inTransaction() {
      return database.inTransaction
    },
    prepare(text) {
      const known = kept.get(text)
      // One that is being stepped through cannot run a second time meanwhile.
      const statement = known === undefined || known.busy ? database.prepare(text) : known
      if (text.length > STATEMENT_CHARS_MAX) return statement
      kept.delete(text)
      kept.set(text, statement)
      if (kept.size > STATEMENTS_MAX) {
        const [oldest] = kept.keys()
        kept.delete(oldest)
      }
      return statement
    },
  }
}

/** What SQLite finds wrong with the file of a catalog; nothing of it is changed. */
export async function catalogProblems(catalog: CatalogDb): Promise<string[]> {
  const integrity = await sql<{ integrity_check: string }>`PRAGMA integrity_check`.execute(catalog)
  const orphans = await sql<{ table: string; parent: string }>`PRAGMA foreign_key_check`.execute(catalog)
  return [
    ...integrity.rows.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
    ...orphans.rows.map(
      ({ table, parent }) => `a row of ${table} belongs to one of ${parent} that is not there`,
    ),
  ]
}
