import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAccount, findAccountByUsername } from '../../catalog/accounts.ts'
import { countConsumpRows, readConsumpRows } from '../../catalog/consumpdata.ts'
import { isElectricityUser } from '../../catalog/electricity-users.ts'
import type { CatalogDb, ConsumpRow } from '../../catalog/schema.ts'
import {
  ConflictError,
  InvalidError,
  OverloadedError,
  TooLargeError,
  UnavailableError,
} from '../../errors.ts'
import { formatIsoUs } from '../../model/time.ts'
import { ALL_TIME } from '../../points/point-store.ts'
import {
  METER_FILE,
  METER_FILE_MISSING,
  openTestBench,
  STREAM_IDS,
  type TestBench,
} from './electricity.fixture.ts'
import { type ImportEvent, type ImportRequest, importElectricity } from './import-electricity.ts'

const HEADER = 'Date,a,b,c,d,e,f,g,h'
const RICK = { name: 'rick', password: 'morty' }

const STEPS = [
  'Database connection',
  "'elecprod' database",
  "'elecprod.consumpdata' table",
  "'elecprod.users' table",
  'Trigger',
  'User',
  'Database connection',
  "'blue' user",
].map((text) => ({ kind: 'step', text }))

function csv(...lines: string[]): AsyncIterable<Uint8Array> {
  return Readable.from([Buffer.from([HEADER, ...lines, ''].join('\n'))])
}

/** A row of two measurements on 1 August 2019. */
const row = (time: string, energy: string) => `1 Aug 2019 ${time}:00,${energy},,,,,,,-0.5`

async function readRows(db: CatalogDb): Promise<ConsumpRow[]> {
  const all = []
  for await (const rows of readConsumpRows(db, { kind: 'all' })) all.push(...rows)
  return all
}

/** Points of all eight streams, as `<stream> <time> <value>`. */
async function readPoints({ points }: TestBench): Promise<string[]> {
  const all = []
  for (const streamId of STREAM_IDS) {
    const { timesUs, values } = await points.readRange(streamId, ALL_TIME)
    for (const [index, value] of values.entries()) {
      all.push(`${streamId} ${formatIsoUs(timesUs[index])} ${value}`)
    }
  }
  return all
}

describe('importElectricity', () => {
  let bench: TestBench
  beforeEach(async () => {
    bench = await openTestBench()
  })
  afterEach(() => bench.close())

  /** Everything that an import leaves behind. */
  const leftBehind = async () => ({
    rows: (await readRows(bench.catalog)).map(({ id, date, energy }) => `${id} ${date} ${energy}`),
    points: await readPoints(bench),
    hasRick: (await findAccountByUsername(bench.catalog, 'rick')) !== undefined,
  })
  const NOTHING = { rows: [], points: [], hasRick: false }

  const run = (lines: string[], request: Partial<ImportRequest> = {}) =>
    importElectricity(bench, { csv: csv(...lines), user: RICK, ...request })

  it('stores rows, points and user', async () => {
    expect(await run([row('00:00', '1.211'), row('00:15', '')])).toBe(2)
    expect(await leftBehind()).toEqual({
      rows: ['1 2019-08-01 00:00:00 1.21100', '2 2019-08-01 00:15:00 null'],
      points: ['1 2019-07-31T22:00:00Z 1.211', '8 2019-07-31T22:00:00Z -0.5', '8 2019-07-31T22:15:00Z -0.5'],
      hasRick: true,
    })
  })

  it('reports what it found in order, every line, and the end', async () => {
    const events: ImportEvent[] = []
    await run([row('00:00', '1'), row('00:15', '2')], { onEvent: (event) => events.push(event) })
    expect(events).toEqual([
      ...STEPS,
      { kind: 'line', line: 2 },
      { kind: 'line', line: 3 },
      { kind: 'done', rows: 2 },
    ])
  })

  it('reads the dates in the time zone that it is given', async () => {
    await run([row('00:00', '1')], { timeZone: 'Asia/Tokyo' })
    expect(await readPoints(bench)).toContain('1 2019-07-31T15:00:00Z 1')
  })

  it('takes a file without rows', async () => {
    expect(await run([])).toBe(0)
    expect(await leftBehind()).toEqual({ ...NOTHING, hasRick: true })
  })

  describe('when the table has rows', () => {
    beforeEach(() => run([row('00:00', '1'), row('00:15', '2')]))

    it('refuses, so that no row is doubled', async () => {
      const before = await leftBehind()
      const again = run([row('00:00', '1'), row('00:15', '2')])
      await expect(again).rejects.toThrow(new ConflictError('elecprod.consumpdata already contains 2 rows'))
      expect(await leftBehind()).toEqual(before)
    })

    it('adds to them when told to', async () => {
      await run([row('00:15', '3'), row('00:30', '4')], { existing: 'append' })
      const { rows, points } = await leftBehind()
      expect(rows).toEqual([
        '1 2019-08-01 00:00:00 1.00000',
        '2 2019-08-01 00:15:00 2.00000',
        '3 2019-08-01 00:15:00 3.00000',
        '4 2019-08-01 00:30:00 4.00000',
      ])
      expect(points.filter((point) => point.startsWith('1 '))).toEqual([
        '1 2019-07-31T22:00:00Z 1',
        '1 2019-07-31T22:15:00Z 3',
        '1 2019-07-31T22:30:00Z 4',
      ])
    })

    it('replaces them and their points when told to, and counts from 1 again', async () => {
      await run([row('09:00', '9')], { existing: 'replace' })
      expect(await leftBehind()).toEqual({
        rows: ['1 2019-08-01 09:00:00 9.00000'],
        points: ['1 2019-08-01T07:00:00Z 9', '8 2019-08-01T07:00:00Z -0.5'],
        hasRick: true,
      })
    })

    it('keeps the old rows and points when the new file is bad', async () => {
      const before = await leftBehind()
      await expect(run([row('09:00', 'nine')], { existing: 'replace' })).rejects.toThrow('row 2: energy is')
      expect(await leftBehind()).toEqual(before)
    })

    it('needs no user any more', async () => {
      await run([row('09:00', '9')], { existing: 'append', user: undefined })
      expect(await countConsumpRows(bench.catalog)).toBe(3)
    })
  })

  it('lets only one of two imports at once store its rows', async () => {
    const results = await Promise.allSettled([run([row('00:00', '1')]), run([row('00:00', '1')])])
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    expect(await countConsumpRows(bench.catalog)).toBe(1)
  })

  it('clears the cache of answers', async () => {
    await bench.answers.get('key', async () => Buffer.from('old'))
    await run([row('00:00', '1')])
    expect(String(await bench.answers.get('key', async () => Buffer.from('new')))).toBe('new')
  })

  describe('leaves nothing', () => {
    it('of a file with a bad row', async () => {
      const events: ImportEvent[] = []
      const failed = run([row('00:00', '1'), 'today,1,,,,,,,'], { onEvent: (event) => events.push(event) })
      await expect(failed).rejects.toThrow(/^Could not insert the values of row 3: "today" is not a date/)
      expect(events).toEqual([...STEPS, { kind: 'line', line: 2 }])
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('of a file with 8 columns', async () => {
      const failed = run([], { csv: Readable.from([Buffer.from('Date,a,b,c,d,e,f,g\n')]) })
      const message =
        'Could not insert the values of row 1: The csv format does not match with the expected one'
      await expect(failed).rejects.toThrow(new InvalidError(message))
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('of a file with more rows than it takes', async () => {
      const failed = run([row('00:00', '1'), row('00:15', '2'), row('00:30', '3')], { rowsMax: 2 })
      await expect(failed).rejects.toThrow(new TooLargeError('More than 2 rows; import the file in parts'))
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('of a file with a date that no point can have', async () => {
      const failed = run(['1 Aug 2300 00:00:00,1,,,,,,,'])
      await expect(failed).rejects.toThrow('row 2: 2300-08-01 00:00:00 is too far from the present')
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('when the upload breaks off', async () => {
      async function* broken() {
        yield Buffer.from(`${HEADER}\n${row('00:00', '1')}\n`)
        throw new UnavailableError('connection lost')
      }
      await expect(run([], { csv: broken() })).rejects.toThrow('connection lost')
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('when it is interrupted', async () => {
      const interrupt = new AbortController()
      const failed = run([row('00:00', '1'), row('00:15', '2')], {
        signal: interrupt.signal,
        onEvent: (event) => event.kind === 'line' && interrupt.abort(),
      })
      await expect(failed).rejects.toThrow(/aborted/)
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('when it is interrupted while rows are stored', async () => {
      const interrupt = new AbortController()
      bench.streams.ensureStreams = async () => {
        interrupt.abort()
        return STREAM_IDS
      }
      await expect(run([row('00:00', '1')], { signal: interrupt.signal })).rejects.toThrow(/aborted/)
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('when the points cannot be stored', async () => {
      bench.streams.append = () => Promise.reject(new UnavailableError('the disk is full'))
      await expect(run([row('00:00', '1')])).rejects.toThrow('the disk is full')
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('when the points are stored and the failure follows', async () => {
      const { append } = bench.streams
      bench.streams.append = async (batch) => {
        await append(batch)
        throw new UnavailableError('the disk is full')
      }
      await expect(run([row('00:00', '1')])).rejects.toThrow('the disk is full')
      expect(await leftBehind()).toEqual(NOTHING)
    })

    it('and reports the first failure when the points cannot be taken back', async () => {
      bench.streams.append = () => Promise.reject(new UnavailableError('the disk is full'))
      bench.streams.deleteAll = () => Promise.reject(new UnavailableError('intake has stopped'))
      await expect(run([row('00:00', '1')])).rejects.toThrow('the disk is full')
    })
  })

  describe('keeps points that are not its own', () => {
    const FOREIGN = '1 1970-01-01T00:00:00.000007Z 7'
    beforeEach(() =>
      bench.points.append({
        streamIds: Uint32Array.of(1),
        timesUs: Float64Array.of(7),
        values: Float64Array.of(7),
      }),
    )

    it('when it succeeds', async () => {
      await run([row('00:00', '1')])
      expect(await readPoints(bench)).toContain(FOREIGN)
    })

    it('when its own cannot be stored', async () => {
      bench.streams.append = () => Promise.reject(new UnavailableError('the disk is full'))
      await expect(run([row('00:00', '1')])).rejects.toThrow('the disk is full')
      expect(await leftBehind()).toEqual({ ...NOTHING, points: [FOREIGN] })
    })

    it('when it should replace them and cannot remove them', async () => {
      const { deleteAll } = bench.streams
      let refusals = 1
      bench.streams.deleteAll = (streamIds) =>
        refusals-- > 0 ? Promise.reject(new UnavailableError('the disk is full')) : deleteAll(streamIds)
      await expect(run([row('00:00', '1')], { existing: 'replace' })).rejects.toThrow('the disk is full')
      expect(await leftBehind()).toEqual({ ...NOTHING, points: [FOREIGN] })
    })
  })

  it('heals, run again, what a crash between points and rows left', async () => {
    const { append } = bench.streams
    bench.streams.append = async (batch) => {
      await append(batch)
      throw new UnavailableError('killed')
    }
    bench.streams.deleteAll = () => Promise.reject(new UnavailableError('killed'))
    await expect(run([row('00:00', '1')])).rejects.toThrow('killed')
    expect(await countConsumpRows(bench.catalog)).toBe(0)
    bench.streams.append = append
    await run([row('00:00', '1')])
    expect(await readPoints(bench)).toEqual(['1 2019-07-31T22:00:00Z 1', '8 2019-07-31T22:00:00Z -0.5'])
  })

  it('waits when the points store is busy, and gives up in the end', async () => {
    const { append } = bench.streams
    let refusals = 3
    bench.streams.append = (batch) =>
      refusals-- > 0 ? Promise.reject(new OverloadedError('busy', 1)) : append(batch)
    expect(await run([row('00:00', '1')])).toBe(1)
    refusals = 4
    await expect(run([row('00:00', '1')], { existing: 'append' })).rejects.toThrow('busy')
    expect(await countConsumpRows(bench.catalog)).toBe(1)
  })

  it.each([
    ['a time zone that does not exist', { timeZone: 'Europe/Nowhere' }, InvalidError],
    ['an import without a user as long as nobody may log in', { user: undefined }, InvalidError],
    ['a user name of 11 characters', { user: { name: 'birdperson0', password: 'x' } }, InvalidError],
    ['a user name with a blank', { user: { name: 'rick s', password: 'x' } }, InvalidError],
    ['an empty password', { user: { name: 'rick', password: '' } }, InvalidError],
  ])('refuses %s', async (_, request, error) => {
    await expect(run([row('00:00', '1')], request)).rejects.toThrow(error)
    expect(await leftBehind()).toEqual(NOTHING)
  })

  it('refuses to go on when the connection for reading can write', async () => {
    const failed = importElectricity(
      { ...bench, readOnlyCatalog: bench.catalog },
      { csv: csv(row('00:00', '1')), user: RICK },
    )
    await expect(failed).rejects.toThrow('The read-only connection of the electricity API can write')
    expect(await leftBehind()).toEqual(NOTHING)
  })

  describe('of a user whose account exists', () => {
    const createRick = async (password: string) =>
      createAccount(bench.catalog, {
        username: 'rick',
        password_hash: await bench.passwords.hash(password),
        created_at_us: 0,
      })

    it('lets the account in and leaves it as it is', async () => {
      const before = await createRick('morty')
      await run([row('00:00', '1')])
      expect(await findAccountByUsername(bench.catalog, 'rick')).toEqual(before)
      expect(await isElectricityUser(bench.catalog, before.id)).toBe(true)
    })

    it('refuses when it has another password: somebody else may have taken the name', async () => {
      const { id } = await createRick('beth')
      await expect(run([row('00:00', '1')])).rejects.toThrow(ConflictError)
      expect(await isElectricityUser(bench.catalog, id)).toBe(false)
      expect(await countConsumpRows(bench.catalog)).toBe(0)
    })

    it('does not ask for the password again once it was let in', async () => {
      await run([row('00:00', '1')])
      await run([row('00:15', '2')], { existing: 'append', user: { name: 'rick', password: 'other' } })
      const { password_hash } = (await findAccountByUsername(bench.catalog, 'rick'))!
      expect(await bench.passwords.verify('morty', password_hash)).toBe(true)
    })
  })
})

describe.skipIf(METER_FILE_MISSING)(
  "the meter's file (skipped where it does not lie beside the repository)",
  () => {
    let bench: TestBench
    let rows: ConsumpRow[]
    const events: ImportEvent[] = []
    beforeAll(async () => {
      bench = await openTestBench()
      await importElectricity(bench, {
        csv: createReadStream(METER_FILE),
        user: RICK,
        onEvent: (event) => events.push(event),
      })
      rows = await readRows(bench.catalog)
    })
    afterAll(() => bench.close())

    it('gives 11,716 rows in file order', () => {
      expect(events.at(-1)).toEqual({ kind: 'done', rows: 11_716 })
      expect(events.at(-2)).toEqual({ kind: 'line', line: 11_717 })
      expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 11_716 }, (_, index) => index + 1))
      expect(new Set(rows.map(({ date }) => date)).size).toBe(11_712)
    })

    it.each([
      [1, { date: '2019-08-01 00:00:00', energy: '1.21100', reactive_power: '-8.38200' }],
      [29, { date: '2019-08-01 07:00:00', energy: '1.09900' }],
      [100, { date: '2019-08-02 00:45:00', energy: '3.20100' }],
      [3980, { date: '2019-09-11 10:45:00', energy: '0.39900', voltage: '183.89700' }],
      [6599, { date: '2019-10-08 17:30:00', energy: null, power_factor: null }],
      [6627, { energy: '0.00000', reactive_power: null, intensity: null, voltage: '244.39000' }],
      [8361, { date: '2019-10-27 02:00:00' }],
      [8365, { date: '2019-10-27 02:00:00' }],
      [11_716, { date: '2019-11-30 23:45:00' }],
    ])('has row %i as the old database had it', (id, expected) => {
      expect(rows[id - 1]).toMatchObject(expected)
    })

    it('gives a point per cell, each at a time of its own also in the repeated hour', async () => {
      const counts = []
      for (const streamId of STREAM_IDS)
        counts.push((await bench.points.readRange(streamId, ALL_TIME)).timesUs.length)
      const empty = 11_716 - 113
      expect(counts).toEqual([empty, empty, empty, empty, empty - 8, empty, empty - 8, empty])
    })

    it('puts the repeated hour of 27 October first in summer time, then in winter time', async () => {
      const fromUs = Date.UTC(2019, 9, 26, 23, 45) * 1_000
      const toUs = Date.UTC(2019, 9, 27, 2, 15) * 1_000
      const { timesUs, values } = await bench.points.readRange(STREAM_IDS[0], { fromUs, toUs })
      expect([...timesUs].map((timeUs) => formatIsoUs(timeUs).slice(11, 16))).toEqual([
        '23:45',
        '00:00',
        '00:15',
        '00:30',
        '00:45',
        '01:00',
        '01:15',
        '01:30',
        '01:45',
        '02:00',
      ])
      const inFile = rows.slice(8_359, 8_369).map(({ energy }) => Number(energy))
      expect([...values]).toEqual(inFile)
    })
  },
)
