/**
 * The order in which lines arrive when devices lose their connection now and then: 5 % of the lines are late by
 * up to two hours, and 1 % are sent a second time with another value, which is the one that holds.
 */
import { seeded, type Workload } from '../workload.ts'
import { type SendOrder, STALE } from './bodies.ts'
import { lineCount } from './iot-data.ts'

const LATE_SHARE = 0.05
const RESENT_SHARE = 0.01
/** Two hours. */
const LATE_STEPS_MAX = 720
/** Bodies overtake each other on their connections; two writes of one line must be further apart than that. */
const BODIES_APART = 10

export function lateOrder(workload: Workload, linesPerBody: number): SendOrder {
  const { deviceCount, pointsPerStream } = workload
  const random = seeded(4)
  const count = lineCount(workload)
  const apart = Math.ceil((BODIES_APART * linesPerBody) / deviceCount)
  const lastStep = pointsPerStream - 1
  const sent: number[] = []
  const steps: number[] = []
  for (let line = 0; line < count; line++) {
    const step = Math.floor(line / deviceCount)
    const isResent = random() < RESENT_SHARE && step + apart <= lastStep
    if (isResent) {
      sent.push(line + STALE, line)
      steps.push(step, Math.min(lastStep, step + apart + laterSteps(random)))
      continue
    }
    sent.push(line)
    steps.push(random() < LATE_SHARE ? step + laterSteps(random) : step)
  }
  return sortedBySteps(sent, steps)
}

function laterSteps(random: () => number): number {
  return 1 + Math.floor(random() * LATE_STEPS_MAX)
}

/** A counting sort, which keeps the order within a step. */
function sortedBySteps(sent: readonly number[], steps: readonly number[]): SendOrder {
  const starts = new Uint32Array(steps.reduce((most, step) => Math.max(most, step), 0) + 2)
  for (const step of steps) starts[step + 1]++
  for (let step = 1; step < starts.length; step++) starts[step] += starts[step - 1]
  const order = new Uint32Array(sent.length)
  for (const [at, line] of sent.entries()) order[starts[steps[at]]++] = line
  return order
}
