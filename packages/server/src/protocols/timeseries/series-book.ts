/**
 * All series, in memory: what they are, how many points they have, and their streams once somebody has asked for
 * them. Everything that is remembered here is in the catalog or the points store as well.
 */
import { createDevice, deleteDevice, findDevice } from '../../catalog/devices.ts'
import { inTransaction } from '../../catalog/in-transaction.ts'
import type { SeriesRow } from '../../catalog/schema.ts'
import { createSeries, deleteSeries, listSeries, type NewSeries } from '../../catalog/series.ts'
import { deleteStream } from '../../catalog/streams.ts'
import { NotFoundError, TooLargeError } from '../../errors.ts'
import {
  addFields,
  FIELDS_MAX,
  listSeriesStreams,
  makePointStream,
  readSeriesStreams,
  type SeriesStreams,
} from './series-streams.ts'
import type { TimeseriesServices } from './services.ts'

export interface Series {
  readonly row: SeriesRow
  count: number
  /** Stamp of the latest point. */
  lastUs: number
  streams: SeriesStreams | undefined
  /** Set when it is being deleted, and takes no more points. */
  isClosed: boolean
  /** Points that are on their way to the disk, and who waits for the last of them. */
  writesUnderWay: number
  onQuiet: (() => void) | undefined
  /** The end of what has to happen one after the other: deletes, and points behind the latest one. */
  turn: Promise<unknown>
}

/** A list of more is no list that anybody reads. */
const SERIES_MAX = 20_000

export class SeriesBook {
  readonly #services: TimeseriesServices
  readonly #series = new Map<number, Series>()
  /** New streams are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(services: TimeseriesServices) {
    this.#services = services
  }

  /** Reads all series; returns those whose removal was interrupted, which are not among them. */
  async load(): Promise<Series[]> {
    const removed: Series[] = []
    for (const row of await listSeries(this.#services.catalog)) {
      const series = seriesOf(row)
      if (row.is_removed === 1) removed.push(series)
      else this.#series.set(row.id, series)
    }
    return removed
  }

  find(id: number): Series | undefined {
    return this.#series.get(id)
  }

  all(): Iterable<Series> {
    return this.#series.values()
  }

  /** @throws {TooLargeError} there are as many as there may be. */
  async create(series: Omit<NewSeries, 'point_stream_id' | 'device_number'>): Promise<Series> {
    this.checkRoom()
    const { catalog, clock, config } = this.#services
    const row = await inTransaction(catalog, async (db) => {
      const services = { catalog: db, clock, limits: config.limits }
      const device = await createDevice(db, {
        project_id: series.project_id,
        label: series.device_id.slice(0, config.limits.nameCharsMax),
        created_by: series.account_id,
        created_at_us: series.created_at_us,
      })
      const home = { ...series, device_number: device.id }
      return createSeries(db, { ...home, point_stream_id: await makePointStream(services, home) })
    })
    const made = seriesOf(row)
    this.#series.set(row.id, made)
    return made
  }

  /** @throws {TooLargeError} there are as many as there may be. */
  checkRoom(): void {
    if (this.#series.size < SERIES_MAX) return
    throw new TooLargeError(`There are ${SERIES_MAX} series, which is as many as there may be; delete some`)
  }

  /** From now on nobody finds it. */
  drop(series: Series): void {
    this.#series.delete(series.row.id)
  }

  /** The streams as far as they are known now; undefined when they have to be read first. */
  knownStreams({ streams }: Series): SeriesStreams | undefined {
    return streams?.epoch === this.#services.ingest.namesEpoch ? streams : undefined
  }

  /** The streams of a series; those of new fields are made, as far as there is room for them. */
  async streams(series: Series, newFields: readonly string[] = []): Promise<SeriesStreams> {
    const read = this.#turn.then(() => this.#read(series, newFields))
    this.#turn = read.catch(() => undefined)
    return read
  }

  async #read(series: Series, newFields: readonly string[]): Promise<SeriesStreams> {
    // Its streams are on their way out, and would be made anew.
    if (series.isClosed) throw new NotFoundError(`Series ${series.row.id} was deleted`)
    const { ingest } = this.#services
    const services = this.#streamServices
    const known =
      this.knownStreams(series) ?? (await readSeriesStreams(services, series.row, ingest.namesEpoch))
    const room = FIELDS_MAX - known.fields.size
    const names = newFields.filter((name) => !known.fields.has(name)).slice(0, Math.max(0, room))
    const made = names.length === 0 ? [] : await addFields(services, series.row, names)
    const fields = new Map([...known.fields, ...made])
    // Where there was no room somebody would ask again with the next point.
    for (const name of names) if (!fields.has(name)) fields.set(name, { streamId: 0, takesData: false })
    series.streams = { ...known, fields }
    return series.streams
  }

  get #streamServices() {
    const { catalog, clock, config } = this.#services
    return { catalog, clock, limits: config.limits }
  }

  /** Removes what is left of a series without points: streams, device, and the series itself. */
  forget(series: Series): Promise<void> {
    const forgotten = this.#turn.then(() => this.#forget(series))
    this.#turn = forgotten.catch(() => undefined)
    return forgotten
  }

  async #forget(series: Series): Promise<void> {
    const { catalog, resolver } = this.#services
    await inTransaction(catalog, async (db) => {
      for (const { id } of await listSeriesStreams(db, series.row)) await deleteStream(db, id)
      await deleteSeries(db, series.row.id)
    })
    resolver.forget()
    const device = await findDevice(catalog, series.row.device_number)
    if (device?.project_id !== series.row.project_id) return
    // One with archives, for example, stays.
    await deleteDevice(catalog, device.id).catch(() => undefined)
  }
}

function seriesOf(row: SeriesRow): Series {
  return {
    row,
    count: row.point_count,
    lastUs: row.indexed_to_us ?? Number.NEGATIVE_INFINITY,
    streams: undefined,
    isClosed: false,
    writesUnderWay: 0,
    onQuiet: undefined,
    turn: Promise.resolve(),
  }
}
