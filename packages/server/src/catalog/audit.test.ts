import { expect, it } from 'vitest'
import { listAudit, recordAudit } from './audit.ts'
import { addAccount, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'

it('lists what was done, newest first', async () => {
  const db = await openTestCatalog()
  const { id } = await addAccount(db, 'rick')
  const entry = (at_us: number, target: string) =>
    recordAudit(db, { at_us, account_id: id, action: 'delete', target, detail: '{"count":3}' })
  const [first, second, third] = [await entry(1, 's--1'), await entry(2, 's--2'), await entry(3, 's--1')]
  expect(await listAudit(db, {}, FIRST_PAGE)).toEqual({ count: 3, rows: [third, second, first] })
  expect(await listAudit(db, { target: 's--1' }, { limit: 1, offset: 1 })).toEqual({
    count: 2,
    rows: [first],
  })
})
