/** Every PointStore passes this suite; each implementation's test file only calls it. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PointBatch, PointBatchBuilder, type PointValue } from '../model/point-batch.ts'
import { US_PER_DAY, US_PER_HOUR } from '../model/time.ts'
import { MemoryStore } from './memory-store.ts'
import { type AggregateRequest, ALL_TIME, type PointColumns, type PointStore } from './point-store.ts'

export interface StoreUnderTest {
  readonly store: PointStore
  /** Closes and opens again on the same data; left out for a store that keeps nothing. */
  readonly reopen?: () => Promise<StoreUnderTest>
  /** Does at once what the store does in the background; left out where there is no such thing. */
  readonly tidy?: () => Promise<void>
}

type Row = readonly [streamId: number, timeUs: number, value: PointValue]

/** `histories` says how many random histories are compared with the model. */
export function pointStoreContract(
  name: string,
  open: () => Promise<StoreUnderTest>,
  { histories = 60 } = {},
): void {
  describe(`${name}: PointStore contract`, () => {
    let tested: StoreUnderTest
    beforeEach(async () => {
      tested = await open()
    })
    afterEach(() => tested.store.close())

    const append = (...rows: Row[]) => tested.store.append(batch(rows))
    const read = async (streamId: number, range = {}) =>
      pairs(await tested.store.readRange(streamId, { ...ALL_TIME, ...range }))

    it('has nothing at first', async () => {
      expect(await read(1)).toEqual([])
      expect(await tested.store.extent(Uint32Array.of(1, 2))).toBeUndefined()
      expect(pairs(await tested.store.latest(Uint32Array.of(7)))).toEqual([[Number.NaN, Number.NaN]])
      expect(await tested.store.stats()).toMatchObject({ pointCount: 0, streamCount: 0, acceptsWrites: true })
    })

    it('takes an empty batch', async () => {
      await append()
      expect(await read(1)).toEqual([])
    })

    it('sorts points by time, whatever the order of their coming', async () => {
      await append([1, 30, 3], [1, 10, 1])
      await append([1, 20, 2])
      expect(await read(1)).toEqual([
        [10, 1],
        [20, 2],
        [30, 3],
      ])
    })

    it('keeps the last value written at a time, in one batch and over several', async () => {
      await append([1, 10, 1], [1, 10, 2])
      expect(await read(1)).toEqual([[10, 2]])
      await append([1, 10, 3])
      expect(await read(1)).toEqual([[10, 3]])
    })

    it('lets a text replace a number and the other way round', async () => {
      await append([1, 10, 1], [1, 20, 'on'])
      await tested.store.flush()
      await append([1, 10, 'off'], [1, 20, 2])
      expect(await read(1)).toEqual([
        [10, 'off'],
        [20, 2],
      ])
      await tested.store.flush()
      expect(await read(1)).toEqual([
        [10, 'off'],
        [20, 2],
      ])
    })

    it('includes the start of a range and leaves out its end', async () => {
      await append([1, 10, 1], [1, 20, 2], [1, 30, 3])
      expect(await read(1, { fromUs: 10, toUs: 30 })).toEqual([
        [10, 1],
        [20, 2],
      ])
      expect(await read(1, { fromUs: 11, toUs: 11 })).toEqual([])
    })

    it('keeps the end of a range that a limit asks for', async () => {
      await append([1, 10, 1], [1, 20, 2], [1, 30, 3])
      expect(await read(1, { limit: 2 })).toEqual([
        [10, 1],
        [20, 2],
      ])
      expect(await read(1, { limit: 2, keep: 'newest' })).toEqual([
        [20, 2],
        [30, 3],
      ])
      expect(await read(1, { limit: 0 })).toEqual([])
    })

    it('gives numbers back bit for bit and times to the microsecond', async () => {
      const values = [-0, 0.1 + 0.2, Number.MAX_VALUE, Number.MIN_VALUE, -1e-300, 2 ** 53, 123.45]
      const rows = values.map((value, i): Row => [1, 2 ** 53 - 10 + i, value])
      await append(...rows)
      await tested.store.flush()
      expect(await read(1)).toEqual(rows.map(([, timeUs, value]) => [timeUs, value]))
    })

    it('answers the latest by time, not by arrival', async () => {
      await append([1, 20, 2], [2, 5, 'up'])
      await append([1, 10, 1])
      expect(pairs(await tested.store.latest(Uint32Array.of(2, 1)))).toEqual([
        [5, 'up'],
        [20, 2],
      ])
    })

    it('deletes a range, and says how many points there were', async () => {
      await append([1, 10, 1], [1, 20, 2], [1, 30, 'x'], [2, 20, 9])
      expect(await tested.store.deleteRange(Uint32Array.of(1, 1), { fromUs: 20, toUs: 31 })).toBe(2)
      expect(await read(1)).toEqual([[10, 1]])
      expect(await read(2)).toEqual([[20, 9]])
      expect(pairs(await tested.store.latest(Uint32Array.of(1)))).toEqual([[10, 1]])
      expect(await tested.store.deleteRange(Uint32Array.of(1), ALL_TIME)).toBe(1)
      expect(await tested.store.extent(Uint32Array.of(1))).toBeUndefined()
      await append([1, 20, 7])
      expect(await read(1)).toEqual([[20, 7]])
    })

    it('aggregates streams into groups and time into buckets', async () => {
      await append([1, 0, 1], [1, 5, 2], [1, 10, 4], [2, 5, 8], [3, 12, 'text'], [1, 99, 16])
      await tested.store.flush()
      const cells = await tested.store.aggregate({
        streamIds: Uint32Array.of(1, 2, 3),
        groups: Uint32Array.of(0, 0, 1),
        groupCount: 2,
        edgesUs: Float64Array.of(0, 10, 20),
      })
      expect([...cells.counts]).toEqual([3, 1, 0, 1])
      expect([...cells.numberCounts]).toEqual([3, 1, 0, 0])
      expect([...cells.sums]).toEqual([11, 4, 0, 0])
      expect([...cells.mins]).toEqual([1, 4, Number.NaN, Number.NaN])
      expect([...cells.maxs]).toEqual([8, 4, Number.NaN, Number.NaN])
      expect([...cells.firstTimesUs]).toEqual([0, 10, Number.NaN, 12])
      expect([...cells.lastTimesUs]).toEqual([5, 10, Number.NaN, 12])
      expect([...cells.lasts]).toEqual([8, 4, Number.NaN, Number.NaN])
      expect(cells.lastTexts).toEqual(new Map([[3, 'text']]))
    })

    it('keeps thousands of streams apart, before a flush and after it', async () => {
      const rows = Array.from(
        { length: 3_000 },
        (_, i): Row => [3_000 - i, i % 7, i % 5 === 0 ? `text ${i}` : i],
      )
      await append(...rows)
      const ids = Uint32Array.from(rows, ([streamId]) => streamId)
      const wanted = rows.map(([, timeUs, value]) => [timeUs, value])
      expect(pairs(await tested.store.latest(ids))).toEqual(wanted)
      await tested.store.flush()
      expect(pairs(await tested.store.latest(ids))).toEqual(wanted)
      for (const streamId of [1, 1_024, 1_025, 3_000])
        expect(await read(streamId)).toEqual([wanted[3_000 - streamId]])
      expect(await tested.store.stats()).toMatchObject({ pointCount: 3_000, streamCount: 3_000 })
    })

    it('keeps a long run whole through a flush', async () => {
      const rows = Array.from(
        { length: 10_000 },
        (_, i): Row => [1, i * 1_000_000, Math.round(i * 37.7) / 10],
      )
      await append(...rows)
      await tested.store.flush()
      expect(await read(1)).toEqual(rows.map(([, timeUs, value]) => [timeUs, value]))
      const range = { fromUs: 2_500_000_000, toUs: 2_503_000_000 }
      expect(await read(1, range)).toEqual(
        rows.slice(2_500, 2_503).map(([, timeUs, value]) => [timeUs, value]),
      )
    })

    it('agrees with the model after any history of writes, deletes, flushes, merges and restarts', async () => {
      await fc.assert(
        fc.asyncProperty(history, questions, async (steps, asked) => {
          let subject = await open()
          try {
            const model = new MemoryStore()
            for (const step of steps) subject = await perform(step, subject, model)
            await compare(subject.store, model, asked)
          } finally {
            await subject.store.close()
          }
        }),
        { numRuns: histories },
      )
    }, 120_000)
  })
}

type Step =
  | { readonly kind: 'write'; readonly rows: Row[] }
  | { readonly kind: 'delete'; readonly streamIds: number[]; readonly fromUs: number; readonly toUs: number }
  | { readonly kind: 'flush' | 'reopen' | 'tidy' }

async function perform(step: Step, subject: StoreUnderTest, model: PointStore): Promise<StoreUnderTest> {
  switch (step.kind) {
    case 'write':
      await subject.store.append(batch(step.rows))
      await model.append(batch(step.rows))
      return subject
    case 'delete': {
      const streamIds = Uint32Array.from(step.streamIds)
      const count = await model.deleteRange(streamIds, step)
      expect(await subject.store.deleteRange(streamIds, step)).toBe(count)
      return subject
    }
    case 'flush':
      await subject.store.flush()
      return subject
    case 'tidy':
      await subject.tidy?.()
      return subject
    case 'reopen':
      return subject.reopen ? await subject.reopen() : subject
  }
}

interface Questions {
  readonly range: { readonly fromUs: number; readonly toUs: number; readonly limit: number }
  readonly edgesUs: number[]
  readonly groups: number[]
}

const STREAMS = Uint32Array.of(1, 2, 3, 4)

async function compare(
  store: PointStore,
  model: PointStore,
  { range, edgesUs, groups }: Questions,
): Promise<void> {
  for (const streamId of STREAMS) {
    for (const asked of [ALL_TIME, range, { ...range, keep: 'newest' as const }]) {
      expect(await store.readRange(streamId, asked)).toEqual(await model.readRange(streamId, asked))
    }
  }
  expect(await store.latest(STREAMS)).toEqual(await model.latest(STREAMS))
  expect(await store.extent(STREAMS)).toEqual(await model.extent(STREAMS))
  const request: AggregateRequest = {
    streamIds: STREAMS,
    groups: Uint32Array.from(groups),
    groupCount: 3,
    edgesUs: Float64Array.from(edgesUs),
  }
  const { sums, ...cells } = await store.aggregate(request)
  const { sums: modelSums, ...modelCells } = await model.aggregate(request)
  expect(plain(cells)).toEqual(plain(modelCells))
  // Sums may be added up in another order.
  sums.forEach((sum, cell) => void expect(sum).toBeCloseTo(modelSums[cell], 6))
}

/** Own fields only: the kinds of store build their answers from different classes. */
function plain(cells: object): object {
  return Object.fromEntries(Object.entries(cells))
}

/** Few distinct times, on both sides of several slice borders, so that histories collide often. */
const timeUs = fc
  .tuple(fc.integer({ min: -2, max: 3 }), fc.constantFrom(0, 1, US_PER_HOUR, US_PER_DAY - 1), fc.nat(3))
  .map(([day, within, more]) => day * US_PER_DAY + within + more)
const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -1_000, max: 1_000 }).map((tenths) => tenths / 10) },
  { weight: 1, arbitrary: fc.constantFrom(-0, 1e300, 0.1 + 0.2) },
  { weight: 1, arbitrary: fc.constantFrom('', 'on', 'off') },
)
const row = fc.tuple(fc.integer({ min: 1, max: 4 }), timeUs, value)
const span = fc.tuple(timeUs, timeUs).map(([a, b]) => ({ fromUs: Math.min(a, b), toUs: Math.max(a, b) + 1 }))

const history: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.array(row, { maxLength: 40 }).map((rows): Step => ({ kind: 'write', rows })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), span)
        .map(([streamIds, range]): Step => ({ kind: 'delete', streamIds, ...range })),
    },
    { weight: 3, arbitrary: fc.constantFrom<Step>({ kind: 'flush' }, { kind: 'reopen' }, { kind: 'tidy' }) },
  ),
  { maxLength: 14 },
)

const questions: fc.Arbitrary<Questions> = fc.record({
  range: fc.tuple(span, fc.integer({ min: 1, max: 12 })).map(([range, limit]) => ({ ...range, limit })),
  edgesUs: fc.oneof(
    fc.uniqueArray(timeUs, { minLength: 2, maxLength: 8 }).map((edges) => edges.sort((a, b) => a - b)),
    fc
      .tuple(timeUs, fc.integer({ min: 1, max: 40 }))
      .map(([start, hours]) => Array.from({ length: 30 }, (_, i) => start + i * hours * US_PER_HOUR)),
  ),
  groups: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
})

function batch(rows: readonly Row[]): PointBatch {
  const builder = new PointBatchBuilder()
  for (const [streamId, time, pointValue] of rows) builder.add(streamId, time, pointValue)
  return builder.take()
}

function pairs(columns: PointColumns): [number, PointValue][] {
  return Array.from(columns.timesUs, (time, row) => [time, columns.texts?.get(row) ?? columns.values[row]])
}
