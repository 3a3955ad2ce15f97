import { describe, expect, it } from 'vitest'
import { ConflictError } from '../errors.ts'
import type { MemoryStore } from '../points/memory-store.ts'
import { ALL_TIME } from '../points/point-store.ts'
import { type PointRow, storeWith } from './query.fixture.ts'
import type { Pages, ResultSeries } from './query-answer.ts'
import { RereadPages } from './reread-pages.ts'

/** Keeps the first page of the two below, and has to read the second one again. */
const KEPT_BYTES_MAX = 100
const PAGE_ROWS = 4

function points(...timesUs: number[]): PointRow[] {
  return timesUs.map((timeUs) => [1, timeUs, timeUs / 2])
}

function seriesIn(store: MemoryStore): ResultSeries {
  return {
    labels: { stream: 's--1', device: undefined, variable: undefined, project: undefined },
    async *pages() {
      let { fromUs } = ALL_TIME
      while (true) {
        const { timesUs, values } = await store.readRange(1, { ...ALL_TIME, fromUs, limit: PAGE_ROWS })
        if (timesUs.length === 0) return
        yield { timesUs, columns: [{ values }] }
        fromUs = timesUs[timesUs.length - 1] + 1
      }
    },
  }
}

async function timesOf(pages: Pages): Promise<number[]> {
  const timesUs: number[] = []
  for await (const page of pages) timesUs.push(...page.timesUs)
  return timesUs
}

/** What a second reading finds after `change`. */
async function againAfter(change: (store: MemoryStore) => Promise<unknown>, keptBytesMax = KEPT_BYTES_MAX) {
  const store = await storeWith(points(1, 2, 3, 4, 5, 6, 7))
  const rows = new RereadPages(seriesIn(store), keptBytesMax)
  expect(await timesOf(rows.first())).toEqual([1, 2, 3, 4, 5, 6, 7])
  await change(store)
  expect(await timesOf(rows.again())).toEqual([1, 2, 3, 4, 5, 6, 7])
}

async function add(store: MemoryStore, ...timesUs: number[]) {
  const added = await storeWith(points(...timesUs))
  const { timesUs: times, values } = await added.readRange(1, ALL_TIME)
  await store.append({ streamIds: new Uint32Array(times.length).fill(1), timesUs: times, values })
}

describe('pages gone through again', () => {
  it('are the same rows, kept or read again', async () => {
    await againAfter(async () => {})
    await againAfter(async () => {}, 0)
    await againAfter(async () => {}, 1_000)
  })

  it('do not change when they were kept', async () => {
    await againAfter((store) => add(store, 0, 2.5, 9), 1_000)
  })

  it('leave out points that came at the end', async () => {
    await againAfter((store) => add(store, 8))
    await againAfter((store) => add(store, 8, 9, 10))
  })

  it('are given up when points came or went in between', async () => {
    const given = (change: (store: MemoryStore) => Promise<unknown>) =>
      expect(againAfter(change)).rejects.toThrow(ConflictError)
    await given((store) => add(store, 0))
    await given((store) => add(store, 5.5))
    await given((store) => store.deleteRange(Uint32Array.of(1), { fromUs: 6, toUs: 7 }))
    await given((store) => store.deleteRange(Uint32Array.of(1), { fromUs: 5, toUs: 8 }))
    await given(async (store) => {
      await store.deleteRange(Uint32Array.of(1), { fromUs: 6, toUs: 7 })
      await add(store, 6.5)
    })
  })

  it('are a list when they were one to begin with', async () => {
    const page = { timesUs: Float64Array.of(1), columns: [{ values: Float64Array.of(2) }] }
    const labels = { stream: undefined, device: undefined, variable: undefined, project: undefined }
    const rows = new RereadPages({ labels, pages: () => [page] }, 0)
    expect(await timesOf(rows.first())).toEqual([1])
    expect(rows.again()).toEqual([page])
  })
})
