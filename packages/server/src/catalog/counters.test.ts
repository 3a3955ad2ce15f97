import { expect, it } from 'vitest'
import { openTestCatalog } from './catalog.fixture.ts'
import { giveBackIds, reserveId, takeIds } from './counters.ts'

it('hands out ids from 1, several in a row', async () => {
  const db = await openTestCatalog()
  expect(await takeIds(db, 'stream')).toBe(1)
  expect(await takeIds(db, 'stream', 10)).toBe(2)
  expect(await takeIds(db, 'stream')).toBe(12)
  expect(await takeIds(db, 'device')).toBe(1)
})

it('gives back the ids of a transaction that is rolled back', async () => {
  const db = await openTestCatalog()
  const failing = db.transaction().execute(async (db) => {
    await takeIds(db, 'stream', 5)
    throw new RangeError('changed its mind')
  })
  await expect(failing).rejects.toThrow(RangeError)
  expect(await takeIds(db, 'stream')).toBe(1)
})

it('steps over a reserved id and never goes back', async () => {
  const db = await openTestCatalog()
  await reserveId(db, 'project', 7)
  await reserveId(db, 'project', 3)
  expect(await takeIds(db, 'project')).toBe(8)
})

it('takes unused ids back unless others were handed out since', async () => {
  const db = await openTestCatalog()
  await takeIds(db, 'stream', 10)
  await giveBackIds(db, 'stream', { first: 4, end: 11 })
  expect(await takeIds(db, 'stream', 3)).toBe(4)
  await giveBackIds(db, 'stream', { first: 4, end: 6 })
  expect(await takeIds(db, 'stream')).toBe(7)
})
