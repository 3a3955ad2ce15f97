/**
 * SQLite for Kysely. Failures of the disk are told as such: a full disk is nothing that a caller can mend, and no
 * bug either. The catalog takes changes again as soon as the disk does; no restart is needed for that. Limits are
 * written out, since a statement whose limit is a parameter is planned anew each time it runs.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type LimitNode,
  type QueryResult,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  SqliteQueryCompiler,
  ValueNode,
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

  override createQueryCompiler(): SqliteQueryCompiler {
    return new CatalogQueryCompiler()
  }

  override createDriver(): SqliteDriver {
    return new CatalogDriver(this.#database)
  }
}

class CatalogQueryCompiler extends SqliteQueryCompiler {
  protected override visitLimit(node: LimitNode): void {
    const { limit } = node
    const count = ValueNode.is(limit) ? limit.value : undefined
    if (Number.isSafeInteger(count) || typeof count === 'bigint') this.append(`limit ${count}`)
    else super.visitLimit(node)
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
