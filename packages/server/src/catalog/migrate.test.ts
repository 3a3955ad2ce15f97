import type { Kysely } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { InvalidError } from '../errors.ts'
import { temporaryPath } from './catalog.fixture.ts'
import { MIGRATIONS, type Migration, migrate } from './migrate.ts'
import { openSqlite } from './open-sqlite.ts'
import type { CatalogDb } from './schema.ts'

async function openEmpty(): Promise<CatalogDb> {
  const db = openSqlite(await temporaryPath())
  onTestFinished(() => db.destroy())
  return db
}

/** A step that makes a table of that name. */
function creating(name: string, table: string): Migration {
  return { name, up: (db) => addTable(db, table) }
}

async function addTable(db: Kysely<unknown>, table: string): Promise<void> {
  await db.schema.createTable(table).addColumn('id', 'integer').execute()
}

async function tableNames(db: CatalogDb): Promise<string[]> {
  const tables = await db.introspection.getTables()
  return tables.map(({ name }) => name).sort()
}

describe('migrate', () => {
  it('creates every table of the schema in an empty file', async () => {
    const db = await openEmpty()
    const taken = await migrate(db, { programVersion: '0.1.0', nowUs: 5 })
    expect(taken).toEqual(MIGRATIONS.map(({ name }) => name))
    expect(await tableNames(db)).toEqual([
      'accounts',
      'audit',
      'commands',
      'consumpdata',
      'counters',
      'datablocks',
      'device_firmware',
      'device_masks',
      'device_templates',
      'devices',
      'electricity_users',
      'events',
      'fleet_devices',
      'fleets',
      'generated_report_files',
      'generated_reports',
      'members',
      'migrations',
      'orgs',
      'ota_actions',
      'ota_requests',
      'ota_scripts',
      'ota_versions',
      'package_files',
      'package_signatures',
      'package_tags',
      'package_tokens',
      'package_users',
      'packages',
      'password_resets',
      'pipeline_pins',
      'pipelines',
      'projects',
      'properties',
      'readings',
      'revoked_jwts',
      'rollout_devices',
      'rollout_stages',
      'rollouts',
      'sensor_graphs',
      'series',
      'series_points',
      'settings',
      'shadows',
      'signing_keys',
      'streamer_reports',
      'streamers',
      'streams',
      'tokens',
      'variables',
      'vartypes',
    ])
    expect(await db.selectFrom('migrations').selectAll().orderBy('name').execute()).toEqual(
      taken.map((name) => ({ name, program_version: '0.1.0', applied_at_us: 5 })),
    )
  })

  it('starts every counter at nothing handed out', async () => {
    const db = await openEmpty()
    await migrate(db, { programVersion: '0.1.0', nowUs: 0 })
    const counters = await db.selectFrom('counters').selectAll().execute()
    expect(counters).toContainEqual({ name: 'account', last_id: 0 })
    expect(counters.filter(({ last_id }) => last_id !== 0)).toEqual([])
  })

  it('does nothing at the second run', async () => {
    const db = await openEmpty()
    await migrate(db, { programVersion: '0.1.0', nowUs: 5 })
    expect(await migrate(db, { programVersion: '0.2.0', nowUs: 6 })).toEqual([])
    const { program_version } = await db.selectFrom('migrations').selectAll().executeTakeFirstOrThrow()
    expect(program_version).toBe('0.1.0')
  })

  it('takes only the steps that are missing, in their order', async () => {
    const db = await openEmpty()
    const first = creating('0001-one', 'one')
    const later = [creating('0002-two', 'two'), creating('0003-three', 'three')]
    await migrate(db, { programVersion: '0.1.0', nowUs: 0, migrations: [first] })
    const taken = await migrate(db, { programVersion: '0.2.0', nowUs: 0, migrations: [first, ...later] })
    expect(taken).toEqual(['0002-two', '0003-three'])
    expect(await tableNames(db)).toEqual(['migrations', 'one', 'three', 'two'])
  })

  it('refuses a catalog that a newer version has written, and changes nothing', async () => {
    const db = await openEmpty()
    const newer = [creating('0001-one', 'one'), creating('0002-two', 'two')]
    await migrate(db, { programVersion: '0.9.0', nowUs: 0, migrations: newer })
    const older = migrate(db, { programVersion: '0.1.0', nowUs: 0, migrations: [newer[0]] })
    await expect(older).rejects.toThrow(InvalidError)
    await expect(older).rejects.toThrow(
      'Sonde 0.9.0 has written this catalog: this is Sonde 0.1.0 and does not know its migration 0002-two. ' +
        'Start Sonde 0.9.0 or a newer one',
    )
    expect(await tableNames(db)).toEqual(['migrations', 'one', 'two'])
  })

  it('leaves nothing of a step that fails half-way, and keeps the steps before it', async () => {
    const db = await openEmpty()
    const failing: Migration = {
      name: '0002-failing',
      up: async (db) => {
        await addTable(db, 'half')
        await addTable(db, 'one') // It exists.
      },
    }
    const migrations = [creating('0001-one', 'one'), failing]
    await expect(migrate(db, { programVersion: '0.1.0', nowUs: 0, migrations })).rejects.toThrow(/one/)
    expect(await tableNames(db)).toEqual(['migrations', 'one'])
    expect(await db.selectFrom('migrations').select('name').execute()).toEqual([{ name: '0001-one' }])
  })

  it('lets two starts at once share the work', async () => {
    const db = await openEmpty()
    const starts = [1, 2].map(() => migrate(db, { programVersion: '0.1.0', nowUs: 0 }))
    expect((await Promise.all(starts)).flat()).toEqual(MIGRATIONS.map(({ name }) => name))
  })
})
