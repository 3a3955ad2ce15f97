import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type ConsumpSelection,
  countConsumpRows,
  deleteConsumpRows,
  insertConsumpRows,
  type NewConsumpRow,
  readConsumpRows,
} from './consumpdata.ts'
import { migrate } from './migrate.ts'
import { openSqlite } from './open-sqlite.ts'
import type { CatalogDb } from './schema.ts'

let db: CatalogDb
beforeEach(async () => {
  db = openSqlite(':memory:')
  await migrate(db, { programVersion: '0.0.0', nowUs: 0 })
})
afterEach(() => db.destroy())

/** A row per quarter hour from midnight of 1 August 2019. */
function quarterHours(count: number): NewConsumpRow[] {
  const midnight = Date.UTC(2019, 7, 1)
  return Array.from({ length: count }, (_, index) => ({
    date: new Date(midnight + index * 900_000).toISOString().slice(0, 19).replace('T', ' '),
    energy: `${index}.50000`,
    reactive_energy: null,
    power: null,
    maximeter: '0.00001',
    reactive_power: '-8.38200',
    voltage: '9999999999.99999',
    intensity: null,
    power_factor: null,
  }))
}

async function pages(selection: ConsumpSelection): Promise<number[][]> {
  const ids = []
  for await (const rows of readConsumpRows(db, selection)) ids.push(rows.map((row) => row.id))
  return ids
}

describe('consumpdata', () => {
  it('keeps exact decimals and empty cells under ids from 1', async () => {
    const [row] = quarterHours(1)
    await insertConsumpRows(db, [row, row])
    for await (const rows of readConsumpRows(db, { kind: 'all' })) {
      expect(rows).toEqual([
        { id: 1, ...row },
        { id: 2, ...row },
      ])
    }
    expect(await countConsumpRows(db)).toBe(2)
  })

  it('reads every row once, in ascending id, page by page', async () => {
    await insertConsumpRows(db, quarterHours(2_500))
    const read = await pages({ kind: 'all' })
    expect(read.map((page) => page.length)).toEqual([1_000, 1_000, 500])
    expect(read.flat()).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1))
  })

  it('ends after a page that the rows fill exactly', async () => {
    await insertConsumpRows(db, quarterHours(1_000))
    expect((await pages({ kind: 'all' })).map((page) => page.length)).toEqual([1_000])
  })

  it('selects by ids, pattern and range', async () => {
    await insertConsumpRows(db, quarterHours(200))
    const select = async (selection: ConsumpSelection) => (await pages(selection)).flat()
    expect(await select({ kind: 'ids', ids: [5, 100, 201] })).toEqual([5, 100])
    expect(await select({ kind: 'like', pattern: '2019-08-01 0_:00:00' })).toEqual([
      1, 5, 9, 13, 17, 21, 25, 29, 33, 37,
    ])
    const range = { first: '2019-08-01 00:15:00', last: '2019-08-01 00:45:00' }
    expect(await select({ kind: 'between', ...range })).toEqual([2, 3, 4])
    expect(await select({ kind: 'between', first: range.last, last: range.first })).toEqual([])
    expect(await pages({ kind: 'like', pattern: '2020%' })).toEqual([])
  })

  it('reads more ids than one statement takes', async () => {
    await insertConsumpRows(db, quarterHours(2_500))
    const ids = Array.from({ length: 40_000 }, (_, index) => index + 1)
    expect((await pages({ kind: 'ids', ids })).flat()).toHaveLength(2_500)
  })

  it('counts ids on when rows are added and begins again at 1 after they were removed', async () => {
    await insertConsumpRows(db, quarterHours(3))
    await insertConsumpRows(db, quarterHours(1))
    expect((await pages({ kind: 'all' })).flat()).toEqual([1, 2, 3, 4])
    await deleteConsumpRows(db)
    expect(await countConsumpRows(db)).toBe(0)
    await insertConsumpRows(db, quarterHours(1))
    expect((await pages({ kind: 'all' })).flat()).toEqual([1])
  })

  it('leaves neither rows nor a gap in the ids when the transaction fails', async () => {
    const failed = db.transaction().execute(async (transaction) => {
      await insertConsumpRows(transaction, quarterHours(600))
      throw new TypeError('the disk is full')
    })
    await expect(failed).rejects.toThrow('the disk is full')
    await insertConsumpRows(db, quarterHours(1))
    expect((await pages({ kind: 'all' })).flat()).toEqual([1])
  })
})
