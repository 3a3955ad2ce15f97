import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { UnavailableError } from '../errors.ts'
import { addOwner, openTestCatalog } from './catalog.fixture.ts'
import { createDevice } from './devices.ts'
import { inTransaction } from './in-transaction.ts'
import type { CatalogDb } from './schema.ts'

const DEVICES = 1_000

it('says that the disk is full, undoes the transaction, and goes on when there is room', async () => {
  const db = await openTestCatalog()
  const { account, project } = await addOwner(db, 'ada')
  const by = { project_id: project.id, created_by: account.id, created_at_us: 0 }
  const countDevices = async () => (await db.selectFrom('devices').select('id').execute()).length
  const addDevices = () =>
    inTransaction(db, async (transaction) => {
      for (let i = 0; i < DEVICES; i++) await createDevice(transaction, { ...by, label: `device ${i}` })
    })

  await limitPages(db, await pageCount(db))
  await expect(addDevices()).rejects.toThrow(UnavailableError)
  await expect(addDevices()).rejects.toThrow(/database or disk is full\. Free the disk$/)
  expect(await countDevices()).toBe(0)

  await limitPages(db, 1_000_000)
  await addDevices()
  expect(await countDevices()).toBe(DEVICES)
})

it('leaves other failures as they are', async () => {
  const db = await openTestCatalog()
  await expect(sql`SELECT * FROM nowhere`.execute(db)).rejects.toThrow(/no such table/)
})

it('writes limits out', async () => {
  const db = await openTestCatalog()
  const accounts = db.selectFrom('accounts').select('id').where('id', '>', 7)
  for (const limit of [20, 20n]) expect(accounts.limit(limit).compile().sql).toMatch(/> \? limit 20$/)
  expect(accounts.limit(sql.lit(3)).offset(5).compile().sql).toMatch(/limit 3 offset \?$/)
})

async function pageCount(db: CatalogDb): Promise<number> {
  const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(db)
  return rows[0].page_count
}

/** SQLite takes no more pages than that, as on a disk that has no more. */
async function limitPages(db: CatalogDb, count: number): Promise<void> {
  await sql`PRAGMA max_page_count = ${sql.raw(String(count))}`.execute(db)
}
