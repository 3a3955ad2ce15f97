/** How much a run over the network does. */
import { FULL, USUAL, type Workload } from '../workload.ts'

export interface Plan {
  readonly workload: Workload
  /** Calls of each question; fewer when they take longer than `askMsMax` together. */
  readonly callsMax: number
  readonly askMsMax: number
  /** How long one-value writes go on. */
  readonly singlesMs: number
  /** Points in the log of the server that is killed. */
  readonly logged: Workload
  /** How long an idle server is left alone before its memory is read. */
  readonly idleMs: number
  /** Hears what is being done. */
  readonly tell: (text: string) => void
}

const tell = (text: string) => console.error(`  … ${text}`)

export const FULL_PLAN: Plan = {
  workload: FULL,
  callsMax: 250,
  askMsMax: 10_000,
  singlesMs: 5_000,
  logged: { ...FULL, pointsPerStream: 400 },
  idleMs: 2_000,
  tell,
}

export const USUAL_PLAN: Plan = {
  workload: USUAL,
  callsMax: 30,
  askMsMax: 3_000,
  singlesMs: 500,
  logged: { ...USUAL, pointsPerStream: 200 },
  idleMs: 500,
  tell,
}

/** For the tests, which only see that everything runs and that every answer is right. */
export const TINY_PLAN: Plan = {
  workload: { deviceCount: 4, metricsPerDevice: 2, pointsPerStream: 400 },
  callsMax: 3,
  askMsMax: 1_000,
  singlesMs: 20,
  logged: { deviceCount: 4, metricsPerDevice: 2, pointsPerStream: 50 },
  idleMs: 1,
  tell: () => {},
}
