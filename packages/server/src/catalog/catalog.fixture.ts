/** What tests of the catalog and of access run on: a real file in a folder of its own. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { once } from '../model/once.ts'
import { createAccount, type NewAccount } from './accounts.ts'
import type { CountedCatalog } from './change-counter.ts'
import { migrate } from './migrate.ts'
import { openSqlite } from './open-sqlite.ts'
import { createOrg } from './orgs.ts'
import { createProject } from './projects.ts'
import type { AccountRow, CatalogDb, OrgRow, ProjectRow } from './schema.ts'

export const FIRST_PAGE = { limit: 100, offset: 0 }

/** Takes what is to be done when a test, or all tests of a file, are over; the latest first. */
export type AtEnd = (cleanup: () => Promise<void>) => void

/** The path of a catalog file that does not exist yet; deleted when the test is over. */
export async function temporaryPath(atEnd: AtEnd = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-catalog-'))
  atEnd(() => rm(folder, { recursive: true }))
  return join(folder, 'catalog.db')
}

/** An empty catalog, closed when the test is over. */
export async function openTestCatalog(atEnd: AtEnd = onTestFinished): Promise<CountedCatalog> {
  const path = await temporaryPath(atEnd)
  await writeFile(path, await emptyCatalog())
  const db = openSqlite(path)
  atEnd(() => db.destroy())
  return db
}

/** The bytes of one. All steps of the schema take longer than most tests, so they are taken once. */
const emptyCatalog = once(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-catalog-'))
  try {
    const path = join(folder, 'catalog.db')
    const db = openSqlite(path)
    await migrate(db, { programVersion: '0.0.0', nowUs: 0 })
    await db.destroy()
    return await readFile(path)
  } finally {
    await rm(folder, { recursive: true })
  }
})

export async function addAccount(
  db: CatalogDb,
  username: string,
  more: Partial<NewAccount> = {},
): Promise<AccountRow> {
  return createAccount(db, { username, password_hash: '', is_active: 1, created_at_us: 0, ...more })
}

/** An account with an organisation of its own, named after it, and a project in that. */
export async function addOwner(
  db: CatalogDb,
  username: string,
): Promise<{ account: AccountRow; org: OrgRow; project: ProjectRow }> {
  const account = await addAccount(db, username)
  const by = { created_by: account.id, created_at_us: 0 }
  const org = await createOrg(db, { name: `${username} org`, ...by })
  const project = await createProject(db, { org_id: org.id, name: 'Garden', ...by })
  return { account, org, project }
}
