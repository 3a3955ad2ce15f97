/**
 * Imports the meter's CSV: rows and user into the catalog, points into eight streams.
 *
 * The whole file is read and checked before anything is stored. Then, in one catalog transaction, come the
 * user, the rows and, last, the points, which live in another store and are durable before the rows are:
 *
 * - Whatever fails up to the points leaves nothing of the import, except perhaps the empty streams.
 * - A failure or crash between points and commit leaves points without rows. A failure takes them back
 *   again where the streams were empty before; otherwise, and after a crash, the same import, run again,
 *   writes the same points over them.
 * - Replacing removes the old points just before it writes the new ones. A crash in between leaves the old
 *   rows without points, until the same import, run again, has replaced both.
 */
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Passwords } from '../../access/passwords.ts'
import {
  countConsumpRows,
  deleteConsumpRows,
  insertConsumpRows,
  lockConsumpRows,
  type NewConsumpRow,
} from '../../catalog/consumpdata.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { ConflictError, OverloadedError, TooLargeError } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import type { PointBatch } from '../../model/point-batch.ts'
import type { AnswerCache } from './answer-cache.ts'
import { type ImportUser, prepareUser, storeUser, type UserPlan } from './import-user.ts'
import { MEASUREMENTS } from './measurements.ts'
import { MeterClock } from './meter-clock.ts'
import { pointBatches } from './meter-points.ts'
import { badRow, type MonitoringRow, readMonitoringCsv } from './monitoring-csv.ts'
import { checkReadOnly } from './read-only.ts'

/** The streams that the points of an import belong to. */
const ELECTRICITY_STREAMS = { project: 'elecprod', device: 'meter', variables: MEASUREMENTS } as const

/**
 * What the import needs to know of streams and their points. All but `ensureStreams` are called within a
 * catalog transaction and must not use the catalog: they would wait for that transaction to end.
 */
export interface ElectricityStreams {
  /** Finds or creates project, device and variables; answers stream numbers in the order of the variables. */
  ensureStreams(wanted: typeof ELECTRICITY_STREAMS): Promise<Uint32Array>
  /** Whether none of these streams has a point. */
  isEmpty(streamIds: Uint32Array): Promise<boolean>
  /** Resolves once the points are durable. */
  append(batch: PointBatch): Promise<void>
  /** Removes all points of these streams, durably. */
  deleteAll(streamIds: Uint32Array): Promise<void>
}

export interface ImportServices {
  readonly catalog: CatalogDb
  readonly readOnlyCatalog: CatalogDb
  readonly passwords: Passwords
  readonly clock: Clock
  readonly streams: ElectricityStreams
  /** Cleared by an import, so that its rows are seen at once. */
  readonly answers: AnswerCache
}

export interface ImportRequest {
  readonly csv: AsyncIterable<Uint8Array>
  /** Who may log in; needed as long as nobody may. An account of that name is left as it is. */
  readonly user?: ImportUser | undefined
  /** What to do when the table has rows already. */
  readonly existing?: 'refuse' | 'append' | 'replace'
  /** IANA name of the zone whose local time the dates are. */
  readonly timeZone?: string | undefined
  /** Default 200,000. */
  readonly rowsMax?: number
  readonly onEvent?: (event: ImportEvent) => void
  /** Ends the import, without a trace, at any moment before the points are written. */
  readonly signal?: AbortSignal
}

export type ImportEvent =
  /** Something that the import needs was found in order. */
  | { readonly kind: 'step'; readonly text: string }
  /** A row was read; its line in the file, where the header is line 1. */
  | { readonly kind: 'line'; readonly line: number }
  /** Everything is stored. */
  | { readonly kind: 'done'; readonly rows: number }

/** Five years of quarter hours. Rows are held in memory until the file is checked, some 500 bytes each. */
const ROWS_MAX = 200_000
/** Rows between two looks at the signal. */
const INSERT_ROWS = 1_000
const APPEND_ATTEMPTS = 4
const APPEND_WAIT_MS_MAX = 1_000

/** Rows in file order, and when each of them was measured. */
interface MeterFile {
  readonly rows: NewConsumpRow[]
  readonly timesUs: number[]
}

/**
 * Resolves to the number of rows once everything is stored.
 * @throws {InvalidError} a bad file, user or time zone. A bad row names its line and the cause.
 * @throws {ConflictError} the table has rows and `existing` does not say what to do with them, or the user's
 * name belongs to somebody else.
 * @throws {TooLargeError} more rows than one import takes.
 */
export async function importElectricity(services: ImportServices, request: ImportRequest): Promise<number> {
  const clock = new MeterClock(request.timeZone ?? 'Europe/Madrid')
  const plan = await checkServices(services, request)
  if (refusesExisting(request)) await refuseExisting(services.catalog)
  const file = await readFile(request, clock)
  await storeFile(services, request, { plan, file })
  services.answers.clear()
  request.onEvent?.({ kind: 'done', rows: file.rows.length })
  return file.rows.length
}

/** Reports what an import needs in the order in which operators know it. */
async function checkServices(services: ImportServices, request: ImportRequest): Promise<UserPlan> {
  const report = (...texts: string[]) => {
    for (const text of texts) request.onEvent?.({ kind: 'step', text })
  }
  await countConsumpRows(services.catalog)
  report('Database connection', "'elecprod' database", "'elecprod.consumpdata' table")
  const plan = await prepareUser(services, request.user)
  report("'elecprod.users' table", 'Trigger', 'User')
  await checkReadOnly(services.readOnlyCatalog)
  report('Database connection', "'blue' user")
  return plan
}

function refusesExisting({ existing = 'refuse' }: ImportRequest): boolean {
  return existing === 'refuse'
}

async function refuseExisting(db: CatalogDb): Promise<void> {
  const count = await countConsumpRows(db)
  if (count > 0) throw new ConflictError(`elecprod.consumpdata already contains ${count} rows`)
}

async function readFile(request: ImportRequest, clock: MeterClock): Promise<MeterFile> {
  const { csv, onEvent, rowsMax = ROWS_MAX, signal } = request
  const file: MeterFile = { rows: [], timesUs: [] }
  for await (const row of readMonitoringCsv(csv)) {
    signal?.throwIfAborted()
    onEvent?.({ kind: 'line', line: row.line })
    if (file.rows.length === rowsMax) {
      throw new TooLargeError(`More than ${rowsMax} rows; import the file in parts`)
    }
    file.rows.push(tableRow(row))
    file.timesUs.push(readTimeUs(row, clock))
  }
  return file
}

function tableRow({ date, values }: MonitoringRow): NewConsumpRow {
  const [energy, reactive_energy, power, maximeter, reactive_power, voltage, intensity, power_factor] = values
  return { date, energy, reactive_energy, power, maximeter, reactive_power, voltage, intensity, power_factor }
}

function readTimeUs({ line, date }: MonitoringRow, clock: MeterClock): number {
  const timeUs = clock.readUs(date)
  if (!Number.isSafeInteger(timeUs)) throw badRow(line, `${date} is too far from the present`)
  return timeUs
}

async function storeFile(
  { catalog, streams }: ImportServices,
  request: ImportRequest,
  { plan, file }: { plan: UserPlan; file: MeterFile },
): Promise<void> {
  const streamIds = await streams.ensureStreams(ELECTRICITY_STREAMS)
  assert.equal(streamIds.length, MEASUREMENTS.length)
  let pointsAreOurs = false
  try {
    await catalog.transaction().execute(async (transaction) => {
      await lockConsumpRows(transaction)
      if (refusesExisting(request)) await refuseExisting(transaction)
      if (request.existing === 'replace') await deleteConsumpRows(transaction)
      await storeUser(transaction, plan)
      await storeRows(transaction, file.rows, request.signal)
      if (request.existing === 'replace') await streams.deleteAll(streamIds)
      pointsAreOurs = await streams.isEmpty(streamIds)
      for (const batch of pointBatches(streamIds, file)) await appendPatiently(streams, batch)
    })
  } catch (error) {
    // The first failure is the one to report, also when the points cannot be taken back.
    if (pointsAreOurs) await streams.deleteAll(streamIds).catch(() => {})
    throw error
  }
}

async function storeRows(
  db: CatalogDb,
  rows: NewConsumpRow[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let start = 0; start < rows.length; start += INSERT_ROWS) {
    signal?.throwIfAborted()
    await insertConsumpRows(db, rows.slice(start, start + INSERT_ROWS))
  }
  signal?.throwIfAborted()
}

/** Waits out a full queue for a few seconds, because old points may be gone already. */
async function appendPatiently(streams: ElectricityStreams, batch: PointBatch): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await streams.append(batch)
    } catch (error) {
      if (!(error instanceof OverloadedError) || attempt === APPEND_ATTEMPTS) throw error
      await setTimeout(Math.min(error.retryAfterMs, APPEND_WAIT_MS_MAX))
    }
  }
}
