import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from './accounts.ts'
import { addElectricityUser, hasElectricityUsers, isElectricityUser } from './electricity-users.ts'
import { migrate } from './migrate.ts'
import { openSqlite } from './open-sqlite.ts'
import type { CatalogDb } from './schema.ts'

let db: CatalogDb
beforeEach(async () => {
  db = openSqlite(':memory:')
  await migrate(db, { programVersion: '0.0.0', nowUs: 0 })
})
afterEach(() => db.destroy())

const account = (username: string) => createAccount(db, { username, password_hash: 'x', created_at_us: 0 })

describe('electricity users', () => {
  it('lets in the accounts that were added and no others', async () => {
    const [rick, morty] = [await account('rick'), await account('morty')]
    expect(await hasElectricityUsers(db)).toBe(false)
    await addElectricityUser(db, rick.id)
    expect(await hasElectricityUsers(db)).toBe(true)
    expect(await isElectricityUser(db, rick.id)).toBe(true)
    expect(await isElectricityUser(db, morty.id)).toBe(false)
  })

  it('takes an account that was added before', async () => {
    const { id } = await account('rick')
    await addElectricityUser(db, id)
    await addElectricityUser(db, id)
    expect(await isElectricityUser(db, id)).toBe(true)
  })

  it('refuses an account that does not exist', async () => {
    await expect(addElectricityUser(db, 42)).rejects.toThrow(/FOREIGN KEY/)
  })
})
