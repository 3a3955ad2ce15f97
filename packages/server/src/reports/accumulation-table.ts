/** An accumulation report for people and programs: as JSON, as CSV, and as a page to print. */
import { formatIsoUs } from '../model/time.ts'
import { textCell } from '../query/render-csv.ts'
import { zoneClock } from '../query/zone-clock.ts'
import type { Accumulation } from './accumulation.ts'
import { barChart, formatNumber } from './bar-chart.ts'
import { escapeHtml } from './escape-html.ts'

export interface LabelledStream {
  readonly slug: string
  /** Names as people gave them. */
  readonly device: string | undefined
  readonly variable: string
  /** Short form of the output unit; empty without one. */
  readonly units: string
}

export interface AccumulationReport {
  readonly accumulation: Accumulation<LabelledStream>
  /** Whether the report was asked for period by period. */
  readonly hasPeriods: boolean
  /** IANA name: in which zone the page shows times. */
  readonly timeZone: string
  /** Sources that named no stream, as they came. */
  readonly skipped: readonly string[]
}

/** `{"streams": {slug: {"sum", "units"}}, "total"}`; with periods their sums beside. */
export function accumulationJson({ accumulation, hasPeriods, skipped }: AccumulationReport): object {
  const { streams, total, edgesUs } = accumulation
  const rows = streams.map(({ stream: { slug, units }, sum, periodSums }) => {
    return [slug, { sum, units, ...(hasPeriods ? { sums: [...periodSums] } : {}) }] as const
  })
  const periods = Array.from(edgesUs.subarray(0, -1), (startUs, period) => ({
    start: formatIsoUs(startUs),
    end: formatIsoUs(edgesUs[period + 1]),
    total: streams.reduce((sum, { periodSums }) => sum + periodSums[period], 0),
  }))
  return {
    streams: Object.fromEntries(rows),
    total,
    ...(hasPeriods ? { periods } : {}),
    ...(skipped.length > 0 ? { skipped } : {}),
  }
}

/** A line per stream and period: `stream,device,variable,units,start,end,sum`. */
export function accumulationCsv({ accumulation: { streams, edgesUs } }: AccumulationReport): string {
  const lines = streams.flatMap(({ stream, periodSums }) => {
    const labels = [stream.slug, stream.device ?? '', stream.variable, stream.units].map(textCell)
    return Array.from(periodSums, (sum, period) => {
      const times = [edgesUs[period], edgesUs[period + 1]].map(formatIsoUs)
      return [...labels, ...times, sum].join(',')
    })
  })
  return ['stream,device,variable,units,start,end,sum', ...lines, ''].join('\r\n')
}

/** One document without anything from elsewhere; it loads nothing and runs nothing. */
export function accumulationPage(report: AccumulationReport): string {
  const { accumulation, timeZone, skipped } = report
  const { streams, edgesUs } = accumulation
  const dayOf = dayIn(timeZone)
  const range = `${dayOf(edgesUs[0])} to ${dayOf(edgesUs[edgesUs.length - 1])} (${timeZone})`
  const units = [...new Set(streams.map(({ stream }) => stream.units))]
  const left = skipped.length === 0 ? '' : `<p>Not found: ${escapeHtml(skipped.join(', '))}</p>`
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Accumulation report</title><style>${STYLE}</style></head><body>
<h1>Accumulation report</h1>
<p>${escapeHtml(range)}</p>
${units.map((unit) => unitSection(report, { unit, dayOf })).join('\n')}
${streams.length === 0 ? '<p>Nothing was measured in this time.</p>' : ''}${left}
</body></html>
`
}

/** Sums of different units have no total; each unit has a section of its own. */
function unitSection(
  { accumulation: { streams, edgesUs }, hasPeriods }: AccumulationReport,
  { unit, dayOf }: { unit: string; dayOf: (timeUs: number) => string },
): string {
  const rows = streams.filter(({ stream }) => stream.units === unit)
  const total = rows.reduce((sum, row) => sum + row.sum, 0)
  const bars = hasPeriods
    ? Array.from(edgesUs.subarray(0, -1), (startUs, period) => {
        const value = rows.reduce((sum, { periodSums }) => sum + periodSums[period], 0)
        return { label: dayOf(startUs), value }
      })
    : rows.map(({ stream, sum }) => ({ label: stream.device ?? stream.variable, value: sum }))
  const cells = rows.map(({ stream, sum }) => {
    const labels = [stream.device ?? '', stream.variable, stream.slug].map(
      (label) => `<td>${escapeHtml(label)}</td>`,
    )
    return `<tr>${labels.join('')}<td class="number">${formatNumber(sum)}</td></tr>`
  })
  const name = unit === '' ? 'Without a unit' : unit
  return `<section><h2>${escapeHtml(name)}</h2>
${barChart({ title: `Sums in ${name}`, unit, bars })}
<table><thead><tr><th>Device</th><th>Variable</th><th>Stream</th><th class="number">Sum</th></tr></thead>
<tbody>${cells.join('\n')}</tbody>
<tfoot><tr><th colspan="3">Total</th><td class="number">${formatNumber(total)}</td></tr></tfoot></table></section>`
}

/** The date in a zone, with the time of day where it is not midnight. */
function dayIn(timeZone: string): (timeUs: number) => string {
  const clock = zoneClock(timeZone)
  return (timeUs) => {
    const local = formatIsoUs(timeUs + clock.at(timeUs).offsetUs)
    const [day, time] = local.replace('Z', '').split('T')
    return time === '00:00:00' ? day : `${day} ${time}`
  }
}

const STYLE = `
body { font: 14px/1.4 system-ui, sans-serif; color: #1b1b1b; max-width: 60em; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3em .6em; border-bottom: 1px solid #ccc }
.number { text-align: right; font-variant-numeric: tabular-nums }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; break-inside: avoid }
svg .bars { fill: #2f6f9f } svg line { stroke: #555 }
thead { display: table-header-group } tr { break-inside: avoid }
@page { margin: 15mm }
@media print { body { margin: 0; max-width: none; padding: 0 } svg .bars { print-color-adjust: exact } }
`
