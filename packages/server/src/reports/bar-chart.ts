/** A bar chart as SVG within a page: no scripts, no fonts, nothing from elsewhere; it prints as it is shown. */
import { escapeHtml } from './escape-html.ts'

export interface BarChart {
  /** For those who do not see it. */
  readonly title: string
  readonly unit: string
  /** Finite values, some of which may be negative. */
  readonly bars: readonly { readonly label: string; readonly value: number }[]
}

const WIDTH = 720
const HEIGHT = 240
const LEFT = 70
const BOTTOM = 30
const TOP = 10
/** Labels under the axis; more would overlap. */
const LABELS_MAX = 8
/** Bars narrower than a pixel tell nothing. */
export const BARS_MAX = 600

/** An empty text for more bars than fit. */
export function barChart({ title, unit, bars }: BarChart): string {
  if (bars.length === 0 || bars.length > BARS_MAX) return ''
  const values = bars.map(({ value }) => value)
  const most = Math.max(0, ...values)
  const least = Math.min(0, ...values)
  const span = most - least || 1
  const plotHeight = HEIGHT - TOP - BOTTOM
  const slot = (WIDTH - LEFT) / bars.length
  const yOf = (value: number) => TOP + ((most - value) / span) * plotHeight
  const zero = yOf(0)
  const rectangles = bars.map(({ label, value }, index) => {
    const x = LEFT + index * slot + slot * 0.1
    const y = Math.min(zero, yOf(value))
    const height = Math.abs(yOf(value) - zero)
    const hint = escapeHtml(`${label}: ${formatNumber(value)} ${unit}`)
    return `<rect x="${round(x)}" y="${round(y)}" width="${round(slot * 0.8)}" height="${round(height)}"><title>${hint}</title></rect>`
  })
  const every = Math.ceil(bars.length / LABELS_MAX)
  const labels = bars.flatMap(({ label }, index) => {
    if (index % every !== 0) return []
    const x = LEFT + (index + 0.5) * slot
    return `<text x="${round(x)}" y="${HEIGHT - 10}" text-anchor="middle">${escapeHtml(label)}</text>`
  })
  const scale = [most, least]
    .filter((value, index) => index === 0 || value !== most)
    .map((value) => {
      return `<text x="${LEFT - 6}" y="${round(yOf(value) + 4)}" text-anchor="end">${formatNumber(value)}</text>`
    })
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">`,
    `<g class="bars">${rectangles.join('')}</g>`,
    `<line x1="${LEFT}" y1="${round(zero)}" x2="${WIDTH}" y2="${round(zero)}"/>`,
    ...scale,
    ...labels,
    '</svg>',
  ].join('')
}

/** Six digits that count: enough to read, and the same everywhere. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(6)))
}

function round(value: number): string {
  return value.toFixed(1)
}
