/** Reads what a plot needs: for each column of dots the first, last, least and greatest value. */
import type { Api, QueryRequest } from '@sonde/client'
import { oneLine } from '../table.ts'
import type { PlotSeries } from './draw-plot.ts'

export interface PlotData {
  readonly fromMs: number
  readonly toMs: number
  readonly series: readonly PlotSeries[]
  /** Series that were found besides. */
  readonly leftOutCount: number
}

/** Undefined when there are no numbers. */
export async function readPlot(
  api: Api,
  request: QueryRequest,
  { intervalsMax, seriesMax }: { intervalsMax: number; seriesMax: number },
): Promise<PlotData | undefined> {
  const range = await readRange(api, request)
  if (range === undefined) return undefined
  const { fromMs, toMs } = range
  const { chosen, numericCount, isOneDevice } = await chooseSeries(api, request, seriesMax)
  if (chosen === undefined) return undefined
  const everyMs = Math.max(Math.ceil((toMs - fromMs) / intervalsMax), 1)
  const found = await api.query({ ...chosen, every: `${everyMs}ms`, agg: ['first', 'last', 'min', 'max'] })
  const series = found.flatMap(({ times, values, device, variable, stream }) => {
    // Text has no least value.
    const rows = times.flatMap((_, i) => (values.min[i] === null ? [] : [i]))
    if (rows.length === 0) return []
    const column = (name: keyof typeof values) => rows.map((i) => Number(values[name][i]))
    const parts = isOneDevice && numericCount > 1 ? [variable] : [device, variable]
    return {
      label: oneLine(parts.filter(Boolean).join(' ') || (stream ?? 'all')),
      // An interval begins at a round time, which may be before the range.
      times: rows.map((i) => Math.max(times[i], fromMs)),
      ...{ first: column('first'), last: column('last'), min: column('min'), max: column('max') },
    }
  })
  const shown = series.slice(0, seriesMax)
  return { fromMs, toMs, series: shown, leftOutCount: numericCount - shown.length }
}

/** Those that are drawn, found by one row each: a project may have thousands of streams. */
async function chooseSeries(
  api: Api,
  request: QueryRequest,
  seriesMax: number,
): Promise<{ chosen: QueryRequest | undefined; numericCount: number; isOneDevice: boolean }> {
  const rows = await api.query({ ...request, agg: ['min', 'max'] })
  const numeric = rows.filter(({ values }) => values.min[0] !== null)
  const isOneDevice = new Set(numeric.map(({ device }) => device)).size === 1
  const counts = { numericCount: numeric.length, isOneDevice }
  if (numeric.length === 0) return { chosen: undefined, ...counts }
  const isByStream = request.by === undefined || request.by === 'stream'
  const streams = numeric.slice(0, seriesMax).map(({ stream }) => stream ?? '')
  // Slugs of streams say more than the names do.
  const { project: _project, device: _device, variable: _variable, ...rest } = request
  return { chosen: isByStream ? { ...rest, filter: streams } : request, ...counts }
}

/** From the asked start, else the first point, up to the last point. */
async function readRange(
  api: Api,
  request: QueryRequest,
): Promise<{ fromMs: number; toMs: number } | undefined> {
  const [whole] = await api.query({ ...request, by: 'none', agg: ['first', 'last'] })
  const lastMs = whole?.value_times?.last?.[0]
  if (whole === undefined || lastMs === undefined) return undefined
  // A row over a whole range has the time where the range begins.
  return { fromMs: whole.times[0], toMs: Math.max(lastMs, whole.times[0] + 1) }
}
