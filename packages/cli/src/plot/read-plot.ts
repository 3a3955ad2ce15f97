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
  const everyMs = Math.max(Math.ceil((toMs - fromMs) / intervalsMax), 1)
  const found = await api.query({ ...request, every: `${everyMs}ms`, agg: ['first', 'last', 'min', 'max'] })
  const series = found.map(({ times, values, device, variable, stream }) => {
    // Text has no least value.
    const rows = times.flatMap((_, i) => (values.min[i] === null ? [] : [i]))
    const column = (name: keyof typeof values) => rows.map((i) => Number(values[name][i]))
    return {
      names: { device, variable, stream },
      // An interval begins at a round time, which may be before the range.
      times: rows.map((i) => Math.max(times[i], fromMs)),
      ...{ first: column('first'), last: column('last'), min: column('min'), max: column('max') },
    }
  })
  const numeric = series.filter(({ times }) => times.length > 0)
  if (numeric.length === 0) return undefined
  const isOneDevice = new Set(numeric.map(({ names }) => names.device)).size === 1
  const shown = numeric.slice(0, seriesMax).map(({ names: { device, variable, stream }, ...columns }) => {
    const parts = isOneDevice && numeric.length > 1 ? [variable] : [device, variable]
    return { label: oneLine(parts.filter(Boolean).join(' ') || (stream ?? 'all')), ...columns }
  })
  return { fromMs, toMs, series: shown, leftOutCount: numeric.length - shown.length }
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
