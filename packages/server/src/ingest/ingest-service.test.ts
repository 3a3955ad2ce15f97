import { beforeEach, describe, expect, it } from 'vitest'
import { addOwner, FIRST_PAGE, openTestCatalog } from '../catalog/catalog.fixture.ts'
import { listDevices } from '../catalog/devices.ts'
import type { CatalogDb, ProjectRow } from '../catalog/schema.ts'
import { countStreamsOfProject, updateStream } from '../catalog/streams.ts'
import { DEFAULT_LIMITS, type Limits } from '../config.ts'
import { TooLargeError } from '../errors.ts'
import { systemClock } from '../model/clock.ts'
import type { PointBatch } from '../model/point-batch.ts'
import { TIME_US_MAX } from '../model/time.ts'
import { MemoryStore } from '../points/memory-store.ts'
import { IngestService, type NamedBatch } from './ingest-service.ts'
import { NameResolver } from './name-resolver.ts'

type Row = readonly [device: string, variable: string, timeUs: number, value: number | string]

function named(...rows: Row[]): NamedBatch {
  const series = rows.map(([device, variable]) => ({ device, variable }))
  const texts = new Map<number, string>()
  rows.forEach(([, , , value], row) => {
    if (typeof value === 'string') texts.set(row, value)
  })
  return {
    series,
    seriesOf: Uint32Array.from(rows, (_, row) => row),
    timesUs: Float64Array.from(rows, (row) => row[2]),
    values: Float64Array.from(rows, ([, , , value]) => (typeof value === 'string' ? Number.NaN : value)),
    texts,
  }
}

describe('ingest service', () => {
  let db: CatalogDb
  let project: ProjectRow
  let accountId: number
  let store: MemoryStore

  beforeEach(async () => {
    db = await openTestCatalog()
    const owner = await addOwner(db, 'rick')
    project = owner.project
    accountId = owner.account.id
    store = new MemoryStore()
  })

  function service(limits: Partial<Limits> = {}): IngestService {
    const all = { ...DEFAULT_LIMITS, ...limits }
    return new IngestService(store, new NameResolver(db, all, systemClock), all)
  }

  const scope = (provision = true) => ({
    projectId: project.id,
    ...(provision ? { provisionAs: accountId } : {}),
  })

  it('makes devices, variables and streams that are missing, each once', async () => {
    const ingest = service()
    const rows: Row[] = [
      ['pump', 'flow', 1, 1],
      ['pump', 'heat', 1, 2],
      ['tank', 'flow', 1, 3],
    ]
    const results = await Promise.all([1, 2, 3].map(() => ingest.writeNamed(scope(), named(...rows))))
    expect(results.map((result) => result.acceptedCount)).toEqual([3, 3, 3])
    expect(await countStreamsOfProject(db, project.id)).toBe(3)
    const { rows: devices } = await listDevices(db, { sight: {} }, FIRST_PAGE)
    expect(devices.map((device) => device.label)).toEqual(['pump', 'tank'])
    expect((await store.stats()).pointCount).toBe(3)
  })

  it('rejects rows of unknown names when the credential may not provision, and stores the others', async () => {
    const ingest = service()
    await ingest.writeNamed(scope(), named(['pump', 'flow', 1, 1]))
    const result = await ingest.writeNamed(scope(false), named(['pump', 'flow', 2, 2], ['new', 'flow', 2, 3]))
    expect(result.acceptedCount).toBe(1)
    expect(result.rejected).toEqual([
      { row: 1, reason: 'There is no stream "flow" of device "new", and the credential may not make one' },
    ])
  })

  it('rejects rows of a disabled stream, and takes them again when it is enabled', async () => {
    const resolver = new NameResolver(db, DEFAULT_LIMITS, systemClock)
    const ingest = new IngestService(store, resolver, DEFAULT_LIMITS)
    const write = () => ingest.writeNamed(scope(), named(['pump', 'flow', 1, 1], ['pump', 'heat', 1, 2]))
    await write()
    const enable = async (enabled: number) => {
      await updateStream(db, 1, { enabled })
      resolver.forget()
    }
    await enable(0)
    expect(await write()).toMatchObject({
      acceptedCount: 1,
      rejected: [{ row: 0, reason: 'Stream "flow" of device "pump" is disabled' }],
    })
    await enable(1)
    expect((await write()).acceptedCount).toBe(2)
  })

  it.each<[name: string, row: Row, reason: RegExp]>([
    ['no number', ['d', 'v', 1, Number.NaN], /not a finite number/],
    ['an infinite value', ['d', 'v', 1, Number.POSITIVE_INFINITY], /not a finite number/],
    ['a time between microseconds', ['d', 'v', 1.5, 1], /whole number of microseconds/],
    ['no time', ['d', 'v', Number.NaN, 1], /whole number of microseconds/],
    ['a time beyond all dates', ['d', 'v', 2 ** 60, 1], /outside of what can be stored/],
    ['a device without a name', [' ', 'v', 1, 1], /name of the device is empty/],
    ['a variable with a long name', ['d', 'v'.repeat(251), 1, 1], /longer than 250 characters/],
    ['a long text', ['d', 'v', 1, 'x'.repeat(65_537)], /longer than 65536 bytes/],
  ])('rejects a row with %s and keeps its neighbours', async (_, row, reason) => {
    const result = await service().writeNamed(
      scope(),
      named(['d', 'good', 1, 1], row, ['d', 'good', 2, 'text']),
    )
    expect(result).toMatchObject({ acceptedCount: 2, rejectedCount: 1 })
    expect(result.rejected[0].row).toBe(1)
    expect(result.rejected[0].reason).toMatch(reason)
  })

  it('lists the first rejections and counts all', async () => {
    const rows = Array.from({ length: 5 }, (): Row => ['d', 'v', Number.NaN, 1])
    const result = await service({ rejectionsListedMax: 2 }).writeNamed(scope(), named(...rows))
    expect(result).toMatchObject({ acceptedCount: 0, rejectedCount: 5 })
    expect(result.rejected.length).toBe(2)
  })

  it('refuses a batch over the limit whole', async () => {
    const ingest = service({ batchRowsMax: 1 })
    await expect(ingest.writeNamed(scope(), named(['d', 'v', 1, 1], ['d', 'v', 2, 1]))).rejects.toThrow(
      TooLargeError,
    )
    expect((await store.stats()).pointCount).toBe(0)
  })

  it('refuses more streams than a project may have, and makes none of them', async () => {
    const ingest = service({ streamsPerProjectMax: 2 })
    const rows = ['a', 'b', 'c'].map((variable): Row => ['d', variable, 1, 1])
    await expect(ingest.writeNamed(scope(), named(...rows))).rejects.toThrow(/would have over 2/)
    expect(await countStreamsOfProject(db, project.id)).toBe(0)
  })

  it('takes times up to the year 9999 as far as integers are exact', async () => {
    const { acceptedCount } = await service().writeNamed(
      scope(),
      named(['d', 'v', Math.min(TIME_US_MAX, Number.MAX_SAFE_INTEGER), 1], ['d', 'v', -1, 1]),
    )
    expect(acceptedCount).toBe(2)
  })

  it('tells listeners what was stored, until they have heard enough', async () => {
    const ingest = service()
    const heard: PointBatch[] = []
    const stop = ingest.listen((batch) => heard.push(batch))
    await ingest.writeNamed(scope(), named(['d', 'v', 1, 1], ['d', 'v', Number.NaN, 1]))
    stop()
    await ingest.writeNamed(scope(), named(['d', 'v', 2, 1]))
    expect(heard.map((batch) => [...batch.timesUs])).toEqual([[1]])
    expect(ingest.totals).toEqual({ accepted: 2, rejected: 1 })
  })
})
