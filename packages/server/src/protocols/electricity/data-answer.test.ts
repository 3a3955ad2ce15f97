import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deleteConsumpRows, insertConsumpRows, type NewConsumpRow } from '../../catalog/consumpdata.ts'
import { TooLargeError } from '../../errors.ts'
import { answerRows } from './data-answer.ts'
import { openTestBench, type TestBench } from './electricity.fixture.ts'

let bench: TestBench
beforeEach(async () => {
  bench = await openTestBench()
})
afterEach(() => bench.close())

const store = (count: number, energy: string) => {
  const others = { reactive_energy: null, power: null, maximeter: null, reactive_power: null, voltage: null }
  const row = { date: '2019-08-01 00:00:00', energy, ...others, intensity: null, power_factor: null }
  return bench.catalog.transaction().execute(async (transaction) => {
    await deleteConsumpRows(transaction)
    await insertConsumpRows(transaction, Array<NewConsumpRow>(count).fill(row))
  })
}

describe('answerRows', () => {
  it('answers one state of the table when an import commits between two pages', async () => {
    await store(2_500, '1.00000')
    const answering = answerRows(bench.readOnlyCatalog, { kind: 'all' })
    await store(10, '2.00000')
    const { values } = JSON.parse(String(await answering))
    expect(values.numrecs).toBe(2_500)
    expect(new Set(values.records.map(({ energy }: { energy: string }) => energy))).toEqual(
      new Set(['1.00000']),
    )
    expect(JSON.parse(String(await answerRows(bench.readOnlyCatalog, { kind: 'all' }))).values.numrecs).toBe(
      10,
    )
  })

  it('refuses an answer of more rows than it may hold, and goes on serving', async () => {
    await store(11, '1.00000')
    const answer = answerRows(bench.readOnlyCatalog, { kind: 'all' }, 10)
    await expect(answer).rejects.toThrow(new TooLargeError('More than 10 rows; ask for a part of them'))
    const { values } = JSON.parse(
      String(await answerRows(bench.readOnlyCatalog, { kind: 'ids', ids: [11] }, 10)),
    )
    expect(values.numrecs).toBe(1)
  })
})
