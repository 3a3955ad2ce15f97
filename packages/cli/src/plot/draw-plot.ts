/** Series as lines of text: a picture of braille dots between two axes. */
import { BrailleCanvas, DOTS_HIGH, DOTS_WIDE } from './braille-canvas.ts'
import { timeTicks } from './time-ticks.ts'
import { valueTicks } from './value-ticks.ts'

/** Columns of equal length; what happened in one interval each. */
export interface PlotSeries {
  readonly label: string
  readonly times: readonly number[]
  readonly first: readonly number[]
  readonly last: readonly number[]
  readonly min: readonly number[]
  readonly max: readonly number[]
}

export interface PlotFrame {
  readonly fromMs: number
  readonly toMs: number
  readonly timeZone: string
  /** Characters, with the axes. */
  readonly width: number
  /** Lines of the picture without the axis of times. */
  readonly height: number
  /** Without colours each series gets a picture of its own: lines could not be told apart. */
  readonly hasColours: boolean
}

const WIDTH_MIN = 24
const HEIGHT_MIN = 3
/** Of each of several, so that their shapes can be seen. */
const PANEL_HEIGHT_MIN = 5
/** Cyan, yellow, magenta, green, red, blue: readable on dark and light. */
const COLOURS = [36, 33, 35, 32, 31, 34]
/** Characters that a label of a time needs, with the space to its neighbour. */
const TIME_LABEL_WIDTH = 13

export function drawPlot(series: readonly PlotSeries[], frame: PlotFrame): string[] {
  const size = { ...frame, width: Math.max(frame.width, WIDTH_MIN) }
  if (size.hasColours) return picture(series, size)
  const height = Math.max(PANEL_HEIGHT_MIN, Math.floor(frame.height / Math.max(series.length, 1)))
  return series.flatMap((one, index) => [
    ...(index > 0 ? [''] : []),
    ...picture([one], { ...size, height: Math.min(height, frame.height) }),
  ])
}

function picture(series: readonly PlotSeries[], frame: PlotFrame): string[] {
  const height = Math.max(frame.height, HEIGHT_MIN)
  const range = {
    min: Math.min(...series.map(({ min }) => least(min))),
    max: Math.max(...series.map(({ max }) => greatest(max))),
  }
  const { low, high, ticks } = valueTicks(range, Math.max(3, Math.floor(height / 2)))
  const labelWidth = Math.max(...ticks.map(({ label }) => label.length))
  const columnCount = Math.max(frame.width - labelWidth - 2, 1)
  const canvas = new BrailleCanvas({ columnCount, rowCount: height })
  const spanMs = Math.max(frame.toMs - frame.fromMs, 1)
  const x = (timeMs: number) => Math.round(((timeMs - frame.fromMs) / spanMs) * (columnCount * DOTS_WIDE - 1))
  // Values so large that no axis holds them lie on its end.
  const part = (value: number) => Math.min(1, Math.max(0, (high - value) / (high - low)))
  const y = (value: number) => Math.round(part(value) * (height * DOTS_HIGH - 1))
  for (const [index, one] of series.entries()) draw(canvas, one, { x, y, ink: index + 1 })

  const paint = (text: string, ink: number) =>
    frame.hasColours ? `\u001b[${COLOURS[(ink - 1) % COLOURS.length]}m${text}\u001b[0m` : text
  const labels = new Map(ticks.map(({ value, label }) => [Math.floor(y(value) / DOTS_HIGH), label]))
  const lines = Array.from({ length: height }, (_, row) => {
    const label = labels.get(row)
    const axis = `${(label ?? '').padStart(labelWidth)} ${label === undefined ? '│' : '┤'}`
    return `${axis}${canvas.row(row, paint)}`.trimEnd()
  })
  const legend = series.map((one, index) => `${paint('━━', index + 1)} ${summary(one)}`)
  const column = (timeMs: number) => Math.floor(x(timeMs) / DOTS_WIDE)
  return [...legend, ...lines, ...timeAxis(frame, { columnCount, indent: labelWidth + 1, column })]
}

interface Scale {
  readonly x: (timeMs: number) => number
  readonly y: (value: number) => number
  readonly ink: number
}

/** A stroke over all values of an interval, and one from its last value to the first of the next. */
function draw(
  canvas: BrailleCanvas,
  { times, first, last, min, max }: PlotSeries,
  { x, y, ink }: Scale,
): void {
  for (let i = 0; i < times.length; i++) {
    const at = x(times[i])
    canvas.line({ x: at, y: y(max[i]) }, { x: at, y: y(min[i]) }, ink)
    if (i > 0) canvas.line({ x: x(times[i - 1]), y: y(last[i - 1]) }, { x: at, y: y(first[i]) }, ink)
  }
}

function timeAxis(
  { fromMs, toMs, timeZone }: PlotFrame,
  {
    columnCount,
    indent,
    column,
  }: { columnCount: number; indent: number; column: (timeMs: number) => number },
): string[] {
  const countMax = Math.max(Math.floor(columnCount / TIME_LABEL_WIDTH), 1)
  const rule = Array.from({ length: columnCount }, () => '─')
  const labels = Array.from({ length: columnCount + indent }, () => ' ')
  for (const { timeMs, label } of timeTicks({ fromMs, toMs }, { countMax, timeZone })) {
    const at = column(timeMs)
    rule[at] = '┬'
    const start = Math.min(
      Math.max(at + indent + 1 - Math.floor(label.length / 2), 0),
      labels.length + 1 - label.length,
    )
    const isFree = labels
      .slice(Math.max(start - 1, 0), start + label.length)
      .every((character) => character === ' ')
    if (isFree) for (const [offset, character] of [...label].entries()) labels[start + offset] = character
  }
  return [`${' '.repeat(indent)}└${rule.join('')}`, labels.join('').trimEnd()]
}

function summary({ label, min, max, last }: PlotSeries): string {
  const [low, high, now] = [least(min), greatest(max), last[last.length - 1]].map(shortNumber)
  return `${label}  min ${low}  max ${high}  last ${now}`
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)))
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity)
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity)
}
