/** Series of the timeseries API, which everybody may read. */
import { Failure } from '../failure.ts'
import type { PlotData } from '../plot/read-plot.ts'
import { oneLine } from '../table.ts'
import { askOpenly } from '../with-open-server.ts'
import { jsonItems } from './json-items.ts'
import { PlotColumns } from './plot-columns.ts'

export interface Series {
  readonly id: number
  readonly device_id: string
  readonly device_desc: string
  readonly desc: string | null
  /** When it was made, as the clock of the server shows it. */
  readonly timestamp: string
  readonly count: number
  readonly user?: string
}

interface SeriesPoint {
  readonly timestamp: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface PlotRequest {
  readonly id: string
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Which to draw; else the first ones that have numbers. */
  readonly fields?: readonly string[] | undefined
}

/** Fields that are counted beside those that are drawn. */
const OTHERS_MAX = 1_000

export async function listSeries(url: string): Promise<Series[]> {
  const response = await askSeries(url, '')
  return Object.values((await response.json()) as Record<string, Series>)
}

/**
 * What a plot needs, of points that are not held. Undefined when there are no numbers.
 * @throws {Failure} there is no such series.
 */
export async function readSeriesPlot(
  url: string,
  { id, from, to, fields }: PlotRequest,
  { columnsMax, seriesMax }: { columnsMax: number; seriesMax: number },
): Promise<PlotData | undefined> {
  const query = new URLSearchParams()
  if (from !== undefined) query.set('from', from)
  if (to !== undefined) query.set('to', to)
  const response = await askSeries(url, `/${encodeURIComponent(id)}?${query}`)
  const drawn = new Map<string, PlotColumns>(fields?.map((field) => [field, new PlotColumns(columnsMax)]))
  const others = new Set<string>()
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for await (const point of jsonItems<SeriesPoint>(response.body ?? noBytes())) {
    // Times are those of a clock on the wall, and are shown as such.
    const timeMs = Date.parse(`${point.timestamp}Z`)
    for (const [field, value] of Object.entries(point.fields)) {
      if (typeof value !== 'number') continue
      if (fields === undefined && !drawn.has(field) && drawn.size < seriesMax) {
        drawn.set(field, new PlotColumns(columnsMax))
      }
      const columns = drawn.get(field)
      if (columns === undefined) {
        if (others.size < OTHERS_MAX) others.add(field)
        continue
      }
      columns.add(timeMs, value)
      fromMs = Math.min(fromMs, timeMs)
      toMs = Math.max(toMs, timeMs)
    }
  }
  const series = Array.from(drawn, ([field, columns]) => columns.series(oneLine(field))).filter(
    ({ times }) => times.length > 0,
  )
  if (series.length === 0) return undefined
  const leftOutCount = fields === undefined ? others.size : 0
  return { fromMs, toMs: Math.max(toMs, fromMs + 1), series, leftOutCount }
}

/** Below `/api`, which is all that some proxies serve. */
async function askSeries(url: string, path: string): Promise<Response> {
  const response = await askOpenly(url, `/api/series${path}`)
  if (response.ok) return response
  const { message } = (await response.json().catch(() => ({}))) as { message?: string }
  if (message === undefined) throw new Failure(`${url} has no series (${response.status}); is it a Sonde?`)
  const remedy = response.status === 404 ? '; "sonde series list" shows those that are' : ''
  throw new Failure(`${message}${remedy}`)
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}
