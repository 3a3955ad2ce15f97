/** A rollout as lines of text: a bar for each stage, and below it how many devices are where. */
import { oneLine } from '../table.ts'
import {
  countsText,
  type DeviceCounts,
  type DeviceState,
  type Rollout,
  type RolloutStage,
} from './rollout.ts'

interface Part {
  readonly states: readonly DeviceState[]
  /** Bars are told apart without colours too. */
  readonly cell: string
  /** Green, yellow, red, magenta; nothing for what waits. */
  readonly colour?: number
}

const PARTS: readonly Part[] = [
  { states: ['succeeded'], cell: '█', colour: 32 },
  { states: ['rolled_back'], cell: '◀', colour: 35 },
  { states: ['offered', 'downloading', 'verifying', 'rolling_back'], cell: '▒', colour: 33 },
  { states: ['failed'], cell: '×', colour: 31 },
  { states: ['pending'], cell: '·' },
]

const WIDTH_MIN = 40
const BAR_WIDTH_MAX = 40

export interface RolloutFrame {
  /** Characters that a line has at most. */
  readonly width: number
  readonly hasColours: boolean
}

export function drawRollout(rollout: Rollout, frame: RolloutFrame): string[] {
  const width = Math.max(frame.width, WIDTH_MIN)
  const names = ['all', ...rollout.stages.map(stageName)]
  const nameWidth = Math.max(...names.map((name) => name.length))
  const barWidth = Math.min(BAR_WIDTH_MAX, Math.floor((width - nameWidth - 4) / 2))
  const line = (name: string, counts: DeviceCounts, note: string) => {
    const text = note || countsText(counts)
    const bar = drawBar(counts, { ...frame, width: barWidth })
    const left = width - nameWidth - barWidth - 4
    return `${name.padEnd(nameWidth)} [${bar}] ${cut(text, left)}`.trimEnd()
  }
  const { package: title, tag, fleet, org, state, reason } = rollout
  const head = `${oneLine(title)} ${oneLine(tag)} for ${fleet ?? org}: ${state.replaceAll('_', ' ')}`
  return [
    cut(head, width),
    ...(reason === '' ? [] : [cut(oneLine(reason), width)]),
    ...rollout.stages.map((stage) => line(stageName(stage), stage, noteOf(rollout, stage))),
    ...(rollout.stages.length > 1 ? [line('all', rollout.devices, '')] : []),
  ]
}

function stageName({ stage, percent, fleet }: RolloutStage): string {
  return `stage ${stage}, ${percent === null ? fleet : `${percent} %`}`
}

function noteOf({ state }: Rollout, stage: RolloutStage): string {
  if (state === 'draft') return 'not started'
  return stage.open ? '' : `not open, ${countsText(stage)}`
}

/** Whatever there is of gets a character at least, where there are enough of them. */
export function drawBar(counts: DeviceCounts, { width, hasColours }: RolloutFrame): string {
  const sums = PARTS.map(({ states }) => states.reduce((sum, state) => sum + counts[state], 0))
  const total = sums.reduce((sum, count) => sum + count, 0)
  if (total === 0) return ' '.repeat(width)
  const cells = sums.map((count) => (count === 0 ? 0 : Math.max(1, Math.floor((count / total) * width))))
  for (let rest = width - cells.reduce((sum, count) => sum + count, 0); rest !== 0; rest -= Math.sign(rest)) {
    // The one that differs least from its share, seen from what is missing or too much.
    const differences = sums.map((count, i) => (count / total) * width - cells[i])
    const may = (i: number) => (rest > 0 ? sums[i] > 0 : cells[i] > 1)
    const order = PARTS.map((_, i) => i).filter(may)
    if (order.length === 0) break
    const chosen = order.reduce((best, i) =>
      (differences[i] - differences[best]) * Math.sign(rest) > 0 ? i : best,
    )
    cells[chosen] += Math.sign(rest)
  }
  return PARTS.map(({ cell, colour }, i) => {
    const text = cell.repeat(cells[i])
    return hasColours && colour !== undefined && text !== '' ? `\u001b[${colour}m${text}\u001b[0m` : text
  }).join('')
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`
}
