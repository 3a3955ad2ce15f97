import { beforeEach, describe, expect, it } from 'vitest'
import { addOwner, FIRST_PAGE, openTestCatalog } from '../catalog/catalog.fixture.ts'
import type { CatalogDb, ProjectRow } from '../catalog/schema.ts'
import { listStreams } from '../catalog/streams.ts'
import { findVariable } from '../catalog/variables.ts'
import { DEFAULT_LIMITS, type Limits } from '../config.ts'
import { InvalidError, OverloadedError, TooLargeError, UnavailableError } from '../errors.ts'
import type { PointBatch } from '../model/point-batch.ts'
import { formatIsoUs } from '../model/time.ts'
import { findZoneClock } from '../model/zone-clock.ts'
import { MemoryStore } from '../points/memory-store.ts'
import { ALL_TIME } from '../points/point-store.ts'
import { type CsvImportCounts, type CsvImportEvent, type CsvImportRequest, importCsv } from './csv-import.ts'
import { IngestService } from './ingest-service.ts'
import { NameResolver } from './name-resolver.ts'

const CLOCK = { nowUs: () => 0 }
const zone = (name: string) => findZoneClock(name)!

/** Fails the next appends with these errors, and works from then on. */
class FaultyStore extends MemoryStore {
  faults: Error[] = []
  appends = 0

  override async append(batch: PointBatch): Promise<void> {
    const fault = this.faults.shift()
    if (fault) throw fault
    this.appends++
    return super.append(batch)
  }
}

describe('importCsv', () => {
  let catalog: CatalogDb
  let project: ProjectRow
  let accountId: number
  let store: FaultyStore
  let events: CsvImportEvent[]

  beforeEach(async () => {
    catalog = await openTestCatalog()
    const owner = await addOwner(catalog, 'rick')
    project = owner.project
    accountId = owner.account.id
    store = new FaultyStore()
    events = []
  })

  function run(
    file: string | AsyncIterable<Uint8Array>,
    { limits = {}, ...request }: Partial<CsvImportRequest> & { limits?: Partial<Limits> } = {},
  ): Promise<CsvImportCounts> {
    const allLimits = { ...DEFAULT_LIMITS, ...limits }
    const ingest = new IngestService(store, new NameResolver(catalog, allLimits, CLOCK), allLimits)
    return importCsv(
      { ingest, limits: allLimits },
      {
        scope: { projectId: project.id, provisionAs: accountId },
        source: typeof file === 'string' ? oneChunk(file) : file,
        layout: { timeColumn: undefined, device: { name: 'boiler' }, columns: undefined },
        delimiter: ',',
        decimal: 'point',
        timeFormat: 'iso',
        zone: zone('UTC'),
        onEvent: (event) => events.push(event),
        ...request,
      },
    )
  }

  /** `<device>.<variable> <time> <value>`, the values as JSON. */
  async function stored(): Promise<string[]> {
    const { rows } = await listStreams(catalog, { sight: {} }, FIRST_PAGE)
    const found = []
    for (const stream of rows) {
      const variable = await findVariable(catalog, { projectId: project.id, lid: stream.variable_lid })
      const device = await catalog
        .selectFrom('devices')
        .select('label')
        .where('id', '=', stream.device_id)
        .executeTakeFirstOrThrow()
      const { timesUs, values, texts } = await store.readRange(stream.id, ALL_TIME)
      for (const [row, value] of values.entries()) {
        const shown = JSON.stringify(texts?.get(row) ?? value)
        found.push(`${device.label}.${variable?.name} ${formatIsoUs(timesUs[row])} ${shown}`)
      }
    }
    return found.sort()
  }

  const rejections = () =>
    events.flatMap((event) => (event.kind === 'rejected' ? [`${event.line}: ${event.reason}`] : []))

  it('stores every column that is not the time as a variable of the device', async () => {
    const file = 'time,temp,state\n2024-05-01T10:00:00Z,20.5,on\n2024-05-01T10:01:00Z,-1e1,off\n'
    expect(await run(file)).toEqual({ lines: 3, points: 4, rejected: 0 })
    expect(await stored()).toEqual([
      'boiler.state 2024-05-01T10:00:00Z "on"',
      'boiler.state 2024-05-01T10:01:00Z "off"',
      'boiler.temp 2024-05-01T10:00:00Z 20.5',
      'boiler.temp 2024-05-01T10:01:00Z -10',
    ])
  })

  it.each<[cell: string, value: string | undefined]>([
    ['5', '5'],
    ['+.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['-1.5E-3', '-0.0015'],
    ['', undefined],
    ['NaN', undefined],
    ['NULL', undefined],
    ['-', '"-"'],
    ['1 000', '"1 000"'],
    ['0x10', '"0x10"'],
    ['Infinity', '"Infinity"'],
    ['"1,5"', '"1,5"'],
    ['"he said ""no"""', '"he said \\"no\\""'],
  ])('reads the cell %s', async (cell, value) => {
    await run(`time,x\n2024-05-01,${cell}`)
    expect(await stored()).toEqual(value === undefined ? [] : [`boiler.x 2024-05-01T00:00:00Z ${value}`])
  })

  it('reads decimal commas, semicolons, patterns and a zone when told to', async () => {
    await run('x;when\n1,5;1 Aug 2019 00:15:00', {
      layout: { timeColumn: 'when', device: { name: 'boiler' }, columns: undefined },
      delimiter: ';',
      decimal: 'comma',
      timeFormat: 'D MMM YYYY HH:mm:ss',
      zone: zone('Europe/Madrid'),
    })
    expect(await stored()).toEqual(['boiler.x 2019-07-31T22:15:00Z 1.5'])
  })

  it('takes the device from a column, and the passes of a repeated hour device by device', async () => {
    const rows = ['02:00,a,1', '02:00,b,2', '02:30,a,3', '02:30,b,4', '02:00,a,5', '02:00,b,6']
    await run(`time,site,x\n${rows.map((row) => `2019-10-27 ${row}\n`).join('')}`, {
      layout: { timeColumn: undefined, device: { column: 'site' }, columns: undefined },
      zone: zone('Europe/Madrid'),
    })
    expect(await stored()).toEqual([
      'a.x 2019-10-27T00:00:00Z 1',
      'a.x 2019-10-27T00:30:00Z 3',
      'a.x 2019-10-27T01:00:00Z 5',
      'b.x 2019-10-27T00:00:00Z 2',
      'b.x 2019-10-27T00:30:00Z 4',
      'b.x 2019-10-27T01:00:00Z 6',
    ])
  })

  it('imports only the columns that are asked for', async () => {
    const layout = { timeColumn: undefined, device: { name: 'boiler' }, columns: ['b'] }
    await run('time,a,b,\n2024-05-01,1,2,3', { layout })
    expect(await stored()).toEqual(['boiler.b 2024-05-01T00:00:00Z 2'])
  })

  it('ignores a byte order mark, blanks around cells and empty lines', async () => {
    await run('\ufeff time , x \r\n\r\n 2024-05-01 , 1 \r\n,\r\n')
    expect(await stored()).toEqual(['boiler.x 2024-05-01T00:00:00Z 1'])
  })

  it('reads a file that comes byte by byte', async () => {
    const bytes = Buffer.from('time,größe\n2024-05-01,"√\n2"\n')
    expect(await run(chunks(Array.from(bytes, (byte) => Uint8Array.of(byte))))).toMatchObject({ points: 1 })
    expect(await stored()).toEqual(['boiler.größe 2024-05-01T00:00:00Z "√\\n2"'])
  })

  it('reports what it cannot store by line and reason, and keeps the neighbours', async () => {
    const rows = [
      'time,x,note',
      '2024-05-01T00:00:00Z,1,',
      'yesterday,2,',
      '2024-05-01T00:02:00Z,3',
      '2024-05-01T00:03:00Z,4,5" pipe',
      '2024-05-01T00:04:00Z,1e999,kept',
      '2024-05-01T00:05:00Z,6,"much\ntoo long"',
      '2024-05-01T00:06:00Z,7,',
    ]
    expect(await run(rows.join('\n'), { limits: { textBytesMax: 10 } })).toEqual({
      lines: 9,
      points: 4,
      rejected: 5,
    })
    expect(rejections().sort()).toEqual([
      '3: "yesterday" is no time of the format iso',
      '4: It has 2 cells; the header has 3',
      '5: A quotation mark is out of place',
      '6: x: The value is not a finite number',
      '7: note: The text is longer than 10 bytes',
    ])
    expect(await stored()).toEqual([
      'boiler.note 2024-05-01T00:04:00Z "kept"',
      'boiler.x 2024-05-01T00:00:00Z 1',
      'boiler.x 2024-05-01T00:05:00Z 6',
      'boiler.x 2024-05-01T00:06:00Z 7',
    ])
  })

  it('reports rows without a device, times beyond the calendar and texts that are not UTF-8', async () => {
    const file = Buffer.concat([
      Buffer.from('time,site,x\n0,,1\n999999999999999999,a,2\n0,a,'),
      Buffer.of(0xe9),
      Buffer.from('\n'),
    ])
    const layout = { timeColumn: undefined, device: { column: 'site' }, columns: undefined }
    expect(await run(chunks([file]), { layout, timeFormat: 's' })).toMatchObject({ points: 0, rejected: 3 })
    expect(rejections().sort()).toEqual([
      '2: The cell of the device is empty',
      '3: x: The time is outside of what can be stored',
      '4: x: the text is not UTF-8',
    ])
  })

  it('makes nothing without the permission to, and says so row by row', async () => {
    const scope = { projectId: project.id }
    expect(await run('time,x\n2024-05-01,1\n', { scope })).toMatchObject({ points: 0, rejected: 1 })
    expect(rejections()).toEqual([
      '2: x: There is no stream "x" of device "boiler", and the credential may not make one',
    ])
    await run('time,x\n2024-05-01,1\n')
    expect(await run('time,x\n2024-05-02,1\n', { scope })).toMatchObject({ points: 1, rejected: 0 })
  })

  it('lists the first rejections and counts them all', async () => {
    const file = `time,x\n${'?,1\n'.repeat(10)}`
    expect(await run(file, { limits: { rejectionsListedMax: 3 } })).toMatchObject({ rejected: 10 })
    expect(rejections()).toHaveLength(3)
  })

  it('counts rejections that the store does not list', async () => {
    const file = `time,x\n${'2024-05-01,1e999\n'.repeat(10)}2024-05-01,1\n`
    expect(await run(file, { limits: { rejectionsListedMax: 3 } })).toEqual({
      lines: 12,
      points: 1,
      rejected: 10,
    })
  })

  it('stores in batches, and reads no further than it has stored', async () => {
    let chunkCount = 0
    async function* source() {
      yield Buffer.from('time,x\n')
      for (let chunk = 0; chunk < 6; chunk++) {
        expect(store.appends).toBeGreaterThanOrEqual(Math.floor((chunk * 20_000) / 50_000))
        chunkCount++
        yield Buffer.from(Array.from({ length: 20_000 }, (_, i) => `${chunk * 20_000 + i},1\n`).join(''))
      }
    }
    expect(await run(source(), { timeFormat: 's' })).toEqual({ lines: 120_001, points: 120_000, rejected: 0 })
    expect(chunkCount).toBe(6)
    expect(store.appends).toBe(3)
    const progress = events.filter((event) => event.kind === 'progress').map(({ points }) => points)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(new Set(progress)).toEqual(new Set([0, 50_000, 100_000, 120_000]))
  })

  it('waits while the store is behind', async () => {
    store.faults = [new OverloadedError('full', 1), new OverloadedError('full', 1)]
    expect(await run('time,x\n2024-05-01,1\n')).toMatchObject({ points: 1 })
  })

  it('ends with the failure of the store', async () => {
    store.faults = [new UnavailableError('The disk is full')]
    await expect(run('time,x\n2024-05-01,1\n')).rejects.toThrow(UnavailableError)
  })

  it('ends between two batches when it is told to, and keeps what is stored', async () => {
    const controller = new AbortController()
    const rows = Array.from({ length: 120_000 }, (_, i) => `${i},1\n`).join('')
    const onEvent = (event: CsvImportEvent) => {
      if (event.kind === 'progress' && event.points > 0) controller.abort()
    }
    const request = { timeFormat: 's', signal: controller.signal, onEvent }
    await expect(run(`time,x\n${rows}`, request)).rejects.toThrow('aborted')
    expect(await store.stats()).toMatchObject({ pointCount: 50_000 })
  })

  it.each<[what: string, file: string, reason: RegExp]>([
    ['an empty file', '', /The file is empty/],
    ['a file of empty lines', '\n\n', /The file is empty/],
    ['a header without values', 'time\n', /no column of values/],
    ['a header that cannot be read', 'time,"x\n', /The header cannot be read: A quotation mark/],
  ])('refuses %s', async (_, file, reason) => {
    await expect(run(file)).rejects.toThrow(InvalidError)
    await expect(run(file)).rejects.toThrow(reason)
  })

  it('refuses a malformed time format before it reads anything', async () => {
    let isRead = false
    async function* source() {
      isRead = true
      yield Buffer.from('time,x\n')
    }
    await expect(run(source(), { timeFormat: 'dd.mm.yyyy' })).rejects.toThrow(/^time_format/)
    expect(isRead).toBe(false)
  })

  it('refuses a file over the limit', async () => {
    const limits = { importBytesMax: 19 }
    await expect(run('time,x\n2024-05-01,1\n', { limits })).rejects.toThrow(TooLargeError)
  })
})

function oneChunk(text: string): AsyncIterable<Uint8Array> {
  return chunks([Buffer.from(text)])
}

async function* chunks(bytes: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes
}
