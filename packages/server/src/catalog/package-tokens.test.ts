import { expect, it } from 'vitest'
import { US_PER_DAY } from '../model/time.ts'
import { addAccount, openTestCatalog } from './catalog.fixture.ts'
import { createPackageToken, findPackageToken } from './package-tokens.ts'

it('keeps the newest hundred tokens of an account, and those that ended less than a week ago', async () => {
  const db = await openTestCatalog()
  const { id: account_id } = await addAccount(db, 'rick')
  const { id: other } = await addAccount(db, 'morty')
  const create = (hash: string, created_at_us: number, account = account_id) =>
    createPackageToken(db, { account_id: account, hash, created_at_us, expires_at_us: created_at_us + 10 })
  await create('of another', 0, other)
  for (let index = 0; index < 103; index++) await create(`t${index}`, index)
  // The clock stands still: what came last stays all the same.
  await create('last', 102)
  const kept = await db
    .selectFrom('package_tokens')
    .select('hash')
    .where('account_id', '=', account_id)
    .execute()
  expect(kept).toHaveLength(100)
  expect(await findPackageToken(db, 'last')).toBeDefined()
  expect(await findPackageToken(db, 't3')).toBeUndefined()
  expect(await findPackageToken(db, 'of another')).toBeDefined()
  await create('much later', 7 * US_PER_DAY + 10)
  expect(await findPackageToken(db, 'of another')).toBeUndefined()
  expect(await findPackageToken(db, 'last')).toBeDefined()
})
