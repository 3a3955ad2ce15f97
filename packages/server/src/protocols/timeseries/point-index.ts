/**
 * Where points are, by their ids. A point is durable in the points store, with its id, before it comes here; the
 * table of the catalog follows in batches, and what it lacks after a crash is read from the points store.
 */
import type { CatalogDb, SeriesPointRow } from '../../catalog/schema.ts'
import { addSeriesPoints, findSeriesPoint } from '../../catalog/series-points.ts'
import { UnavailableError } from '../../errors.ts'

export interface PointIndexServices {
  readonly catalog: CatalogDb
  /** Hears that a batch could not be written; it is tried again. */
  onFailure(error: unknown): void
}

const FLUSH_MS = 1_000
/** Rows of one transaction, which holds the event loop for some milliseconds. */
const BATCH_ROWS = 2_048
/** Over so many that cannot be written no more points are taken. */
const PENDING_MAX = 200_000

export class PointIndex {
  readonly #services: PointIndexServices
  /** In the order of their times within a series. */
  readonly #pending = new Map<number, SeriesPointRow>()
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()

  constructor(services: PointIndexServices) {
    this.#services = services
  }

  /** @throws {UnavailableError} the catalog has not taken any rows for long. */
  checkRoom(): void {
    if (this.#pending.size < PENDING_MAX) return
    throw new UnavailableError('The catalog takes no changes; free or mend the disk')
  }

  /** For a point that is durable. */
  add(point: SeriesPointRow): void {
    this.#pending.set(point.id, point)
    if (this.#pending.size % BATCH_ROWS === 0) this.#flushSoon(0)
    else if (this.#timer === undefined) this.#flushSoon(FLUSH_MS)
  }

  async find(id: number): Promise<SeriesPointRow | undefined> {
    return this.#pending.get(id) ?? findSeriesPoint(this.#services.catalog, id)
  }

  /** Resolves when everything added before is in the catalog. */
  flush(): Promise<void> {
    const flushed = this.#flushing.then(() => this.#flush())
    this.#flushing = flushed.catch(() => undefined)
    return flushed
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.flush()
  }

  async #flush(): Promise<void> {
    let left = this.#pending.size
    while (left > 0) {
      const batch = this.#first(Math.min(left, BATCH_ROWS))
      await addSeriesPoints(this.#services.catalog, batch)
      for (const { id } of batch) this.#pending.delete(id)
      left -= batch.length
    }
  }

  #first(count: number): SeriesPointRow[] {
    const rows: SeriesPointRow[] = []
    for (const row of this.#pending.values()) {
      if (rows.length === count) break
      rows.push(row)
    }
    return rows
  }

  #flushSoon(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.flush().catch((error) => {
        this.#services.onFailure(error)
        this.#flushSoon(FLUSH_MS)
      })
    }, delayMs).unref()
  }
}
