/**
 * SQLite for Kysely, with failures of the disk told as such: a full disk is nothing that a caller can mend, and
 * no bug either. The catalog takes changes again as soon as the disk does; no restart is needed for that.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import { UnavailableError } from '../errors.ts'

/** What is used of an open database beside what Kysely uses. */
export interface SqliteFile extends SqliteDatabase {
  readonly inTransaction: boolean
}

export class CatalogDialect extends SqliteDialect {
  readonly #database: SqliteFile

  constructor(database: SqliteFile) {
    super({ database })
    this.#database = database
  }

  override createDriver(): SqliteDriver {
    return new CatalogDriver(this.#database)
  }
}

class CatalogDriver extends SqliteDriver {
  readonly #database: SqliteFile
  #connection: DatabaseConnection | undefined

  constructor(database: SqliteFile) {
    super({ database })
    this.#database = database
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= withClearFailures(await super.acquireConnection())
    return this.#connection
  }

  /** On a full disk SQLite has ended the transaction already; what counts is the failure before. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection)
  }
}

/** @throws {UnavailableError} from queries: the disk failed; a transaction was undone. */
function withClearFailures(connection: DatabaseConnection): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      try {
        return await connection.executeQuery<R>(query)
      } catch (error) {
        throw isDiskFailure(error) ? unavailable(error) : error
      }
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  }
}

function isDiskFailure(error: unknown): error is Error {
  const { code } = Object(error) as { code?: unknown }
  return typeof code === 'string' && /^SQLITE_(FULL|IOERR)/.test(code)
}

function unavailable(error: Error): UnavailableError {
  const reason = `The catalog cannot be changed: ${error.message}. Free the disk`
  return new UnavailableError(reason, { cause: error })
}
