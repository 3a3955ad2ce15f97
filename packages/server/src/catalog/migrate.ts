/**
 * Brings a catalog to the schema of this program, step by step and only forward. Each step and the record
 * of it are one transaction, so that a failed one leaves the catalog at the step before. (Kysely's own
 * migrator does without transactions on SQLite.)
 */
import type { Kysely } from 'kysely'
import { InvalidError } from '../errors.ts'
import { foundation } from './migrations/0001-foundation.ts'
import { events } from './migrations/0002-events.ts'
import { streamers } from './migrations/0003-streamers.ts'
import { fleets } from './migrations/0004-fleets.ts'
import { generatedReports } from './migrations/0005-generated-reports.ts'
import { series } from './migrations/0006-series.ts'
import { pins } from './migrations/0007-pins.ts'
import { packages } from './migrations/0008-packages.ts'
import { deviceLabels } from './migrations/0009-device-labels.ts'
import { rollouts } from './migrations/0010-rollouts.ts'
import type { CatalogDb } from './schema.ts'

export interface Migration {
  readonly name: string
  /** Runs within a transaction. The tables' types are those of its own time, hence unknown. */
  readonly up: (db: Kysely<unknown>) => Promise<void>
}

export interface MigrateOptions {
  /** Version of this program, for the record and for the message that a later, older one will show. */
  readonly programVersion: string
  readonly nowUs: number
  readonly migrations?: readonly Migration[]
}

/** In the order they are taken; a new one goes to the end. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-foundation', up: foundation },
  { name: '0002-events', up: events },
  { name: '0003-streamers', up: streamers },
  { name: '0004-fleets', up: fleets },
  { name: '0005-generated-reports', up: generatedReports },
  { name: '0006-series', up: series },
  { name: '0007-pins', up: pins },
  { name: '0008-packages', up: packages },
  { name: '0009-device-labels', up: deviceLabels },
  { name: '0010-rollouts', up: rollouts },
]

/**
 * Takes the steps that this catalog has not taken yet; returns their names.
 * Servers that start together on one database do not get in each other's way: whoever records a step
 * first takes it, the others wait and find it done.
 * @throws {InvalidError} a newer Sonde has taken steps that this one does not know; nothing was changed.
 */
export async function migrate(db: CatalogDb, options: MigrateOptions): Promise<string[]> {
  const migrations = options.migrations ?? MIGRATIONS
  await createHistory(db)
  await refuseNewer(db, { migrations, programVersion: options.programVersion })
  const taken: string[] = []
  for (const migration of migrations) {
    if (await take(db, migration, options)) taken.push(migration.name)
  }
  return taken
}

async function createHistory(db: CatalogDb): Promise<void> {
  await db.schema
    .createTable('migrations')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('program_version', 'text', (column) => column.notNull())
    .addColumn('applied_at_us', 'bigint', (column) => column.notNull())
    .execute()
}

async function refuseNewer(
  db: CatalogDb,
  { migrations, programVersion }: { migrations: readonly Migration[]; programVersion: string },
): Promise<void> {
  const known = migrations.map(({ name }) => name)
  const newest = await db
    .selectFrom('migrations')
    .selectAll()
    .where('name', 'not in', known)
    .orderBy('name', 'desc')
    .executeTakeFirst()
  if (newest === undefined) return
  throw new InvalidError(
    `Sonde ${newest.program_version} has written this catalog: this is Sonde ${programVersion} and does not ` +
      `know its migration ${newest.name}. Start Sonde ${newest.program_version} or a newer one`,
  )
}

async function take(db: CatalogDb, { name, up }: Migration, options: MigrateOptions): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const claimed = await transaction
      .insertInto('migrations')
      .values({ name, program_version: options.programVersion, applied_at_us: options.nowUs })
      .onConflict((conflict) => conflict.doNothing())
      .returning('name')
      .executeTakeFirst()
    if (claimed === undefined) return false
    await up(transaction as unknown as Kysely<unknown>)
    return true
  })
}
