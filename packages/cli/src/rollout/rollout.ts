/** Rollouts as the server shows them. */
import type { Connection } from '../connection.ts'
import { Failure } from '../failure.ts'

export const DEVICE_STATES = [
  'pending',
  'offered',
  'downloading',
  'verifying',
  'succeeded',
  'failed',
  'rolling_back',
  'rolled_back',
] as const
export type DeviceState = (typeof DEVICE_STATES)[number]

/** How many devices are where. */
export type DeviceCounts = Readonly<Record<DeviceState, number>>

export interface RolloutStage extends DeviceCounts {
  /** From 1. */
  readonly stage: number
  readonly percent: number | null
  /** The ring. */
  readonly fleet: string | null
  readonly open: boolean
}

export const ROLLOUT_STATES = [
  'draft',
  'running',
  'paused',
  'rolling_back',
  'completed',
  'aborted',
  'rolled_back',
] as const

export interface Rollout {
  readonly id: number
  readonly name: string
  readonly package: string
  readonly tag: string
  readonly fleet: string | null
  readonly org: string
  readonly state: (typeof ROLLOUT_STATES)[number]
  /** Why it stopped by itself. */
  readonly reason: string
  readonly devices: DeviceCounts
  readonly stages: readonly RolloutStage[]
}

/** The resource of a rollout, or of what is below it. @throws {Failure} the id is none. */
export function rolloutResource(id: string, below = ''): string {
  if (!/^\d{1,15}$/.test(id))
    throw new Failure(`"${id}" is no id of a rollout; "sonde rollout list" shows them`)
  return `rollout/${id}/${below}`
}

/** @throws {Failure} there is none, or it cannot be read. */
export async function readRollout(connection: Connection, id: string): Promise<Rollout> {
  return (await (await connection.ask(rolloutResource(id))).json()) as Rollout
}

/** Whether nothing will happen to it any more by itself. */
export function hasEnded({ state }: Rollout): boolean {
  return state === 'completed' || state === 'aborted' || state === 'rolled_back'
}

/** `8 succeeded, 2 pending`. */
export function countsText(counts: DeviceCounts): string {
  const given = DEVICE_STATES.toReversed().filter((state) => counts[state] > 0)
  return given.map((state) => `${counts[state]} ${state.replaceAll('_', ' ')}`).join(', ') || 'no devices'
}
