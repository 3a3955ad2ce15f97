import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findNamedBlobs } from './blob-references.ts'
import { addOwner, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import { createDevice } from './devices.ts'
import {
  countEventsByStream,
  createEvents,
  deleteEventsOfStreams,
  type EventFilter,
  findEvent,
  listEvents,
  type NewEvent,
  updateEvent,
} from './events.ts'
import type { CatalogDb } from './schema.ts'
import { createStream, deleteStream } from './streams.ts'

/** A catalog with two streams, and what makes an event of one of them. */
async function openStreams(atEnd: (cleanup: () => Promise<void>) => void = onTestFinished) {
  const db = await openTestCatalog(atEnd)
  const { account, project } = await addOwner(db, 'rick')
  const by = { created_by: account.id, created_at_us: 0 }
  const device = await createDevice(db, { project_id: project.id, ...by })
  const key = { project_id: project.id, device_id: device.id, is_registered: 1, ...by }
  const [one, two] = [
    await createStream(db, { ...key, variable_lid: 1 }),
    await createStream(db, { ...key, variable_lid: 2 }),
  ]
  const event = (stream_id: number, time_us: number, more: Partial<NewEvent> = {}): NewEvent => {
    return { stream_id, time_us, extra: {}, ...by, ...more }
  }
  return { db, one: one.id, two: two.id, event }
}

describe('listing', () => {
  let db: CatalogDb
  let streams: { one: number; two: number }
  const cleanups: (() => Promise<void>)[] = []
  beforeAll(async () => {
    const opened = await openStreams((cleanup) => cleanups.unshift(cleanup))
    const { one, two, event } = opened
    db = opened.db
    streams = { one, two }
    await createEvents(db, [
      event(one, 50, { streamer_local_id: 2, device_timestamp: 7 }),
      event(one, 60, { streamer_local_id: 1, device_timestamp: 8 }),
      event(one, 20),
      event(one, 10),
      event(one, 30, { extra: { error: 'unreadable' } }),
      event(two, 15),
    ])
    return async () => {
      for (const cleanup of cleanups) await cleanup()
    }
  })
  const timesOf = async (
    ids: number[],
    { filter, newest }: { filter?: EventFilter; newest?: number } = {},
    page = FIRST_PAGE,
  ) => {
    const { count, rows } = await listEvents(
      db,
      { streamIds: ids, ...(filter && { filter }), ...(newest && { newest }) },
      page,
    )
    return [count, ...rows.map(({ time_us }) => time_us)]
  }

  it('orders by reading id, then time, and hides errors', async () => {
    expect(await timesOf([streams.one])).toEqual([4, 10, 20, 60, 50])
    expect(await timesOf([streams.one, streams.two])).toEqual([5, 10, 15, 20, 60, 50])
    expect(await timesOf([])).toEqual([0])
  })

  it.each<[string, EventFilter, number[]]>([
    ['start, inclusive', { fromUs: 20 }, [3, 20, 60, 50]],
    ['end, exclusive', { toUs: 20 }, [1, 10]],
    ['ids', { ids: { least: 2, most: 3 } }, [2, 20, 60]],
    ['reading ids', { streamerLocalIds: { least: 2 } }, [1, 50]],
    ['device times', { deviceTimestamps: { most: 7 } }, [1, 50]],
    ['errors as well', { withErrors: true }, [5, 10, 20, 30, 60, 50]],
  ])('filters by %s', async (_name, filter, expected) => {
    expect(await timesOf([streams.one], { filter })).toEqual(expected)
  })

  it('gives the newest, by time, also in pages', async () => {
    expect(await timesOf([streams.one], { newest: 3 })).toEqual([3, 20, 50, 60])
    expect(await timesOf([streams.one], { newest: 9 })).toEqual([4, 10, 20, 50, 60])
    expect(await timesOf([streams.one], { newest: 3 }, { limit: 2, offset: 2 })).toEqual([3, 60])
    expect(await timesOf([streams.one], {}, { limit: 2, offset: 1 })).toEqual([4, 20, 60])
  })

  it('counts by stream, without those that are hidden', async () => {
    expect([...(await countEventsByStream(db, [streams.one, streams.two, 99]))]).toEqual([
      [streams.one, 4],
      [streams.two, 1],
    ])
  })
})

it('keeps the blob of an event for as long as the event', async () => {
  const { db, one, event } = await openStreams()
  const document = { ext: 'json', sha256: 'ab', sizeBytes: 3 } as const
  const [{ id }] = await createEvents(db, [event(one, 1, { document })])
  expect(await findNamedBlobs(db, ['ab', 'cd'])).toEqual(new Set(['ab']))
  await deleteStream(db, one)
  expect(await findEvent(db, id)).toBeUndefined()
  expect(await findNamedBlobs(db, ['ab'])).toEqual(new Set())
})

it('makes all of some events or none', async () => {
  const { db, one, event } = await openStreams()
  await expect(createEvents(db, [event(one, 1), event(99, 1)])).rejects.toThrow()
  expect((await listEvents(db, { streamIds: [one] }, FIRST_PAGE)).count).toBe(0)
})

it('hides an event that turns out to be an error', async () => {
  const { db, one, event } = await openStreams()
  const [{ id }] = await createEvents(db, [event(one, 1)])
  expect(await updateEvent(db, id, { extra: { error: 1 } })).toMatchObject({ is_error: 1 })
  expect(await updateEvent(db, id, { extra: { errors: 1 } })).toMatchObject({ is_error: 0 })
})

it('deletes the events of a range of time, hidden ones too', async () => {
  const { db, one, event } = await openStreams()
  await createEvents(db, [event(one, 1), event(one, 2, { extra: { error: 1 } }), event(one, 3)])
  expect(await deleteEventsOfStreams(db, [one], { fromUs: 1, toUs: 3 })).toBe(2)
  expect(await deleteEventsOfStreams(db, [one])).toBe(1)
})
