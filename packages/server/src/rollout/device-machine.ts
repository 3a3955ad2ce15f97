/**
 * What happens to one device in a rollout: pure steps from one record to the next. A device says what it runs, by a
 * header or a point, and asks for bytes; that is all that is ever heard of it, so everything follows from that and
 * from time.
 *
 *     pending ─▶ offered ─▶ downloading ─▶ verifying ─▶ succeeded
 *        ▲          └───────────┴─────────────┘ │           │
 *        └── a failed attempt ◀── old version, timeout ◀────┘
 *            the last one: failed
 *
 * A rollback takes all that were touched through `rolling_back` to `rolled_back`.
 */
import type { DeviceState } from '../catalog/rollout-devices.ts'

export interface DeviceRecord {
  readonly state: DeviceState
  /** Begun. */
  readonly attempts: number
  /** Of these, ended without the new version; never more than `attempts`. */
  readonly failures: number
  /** Why the last attempt failed, or the device did. */
  readonly reason: string
  readonly sinceUs: number
}

/** What a device says that it runs, as the rollout sees it. */
export type Running = 'new' | 'previous' | 'other' | 'unknown'

export interface AttemptPolicy {
  readonly attemptsMax: number
  readonly timeoutUs: number
}

export const IN_FLIGHT: readonly DeviceState[] = ['offered', 'downloading', 'verifying']

/** The device has said what it runs. */
export function heard(
  record: DeviceRecord,
  { running, nowUs }: { running: Running; nowUs: number },
  policy: AttemptPolicy,
): DeviceRecord {
  switch (record.state) {
    case 'rolled_back':
      return record
    case 'rolling_back':
      return running === 'previous' ? enter(record, 'rolled_back', nowUs) : record
    case 'succeeded':
      if (running === 'new' || running === 'unknown') return record
      return failAttempt(record, { reason: 'It went back to another version.', nowUs }, policy)
    case 'downloading':
    case 'verifying':
      if (running === 'new') return succeed(record, nowUs)
      if (running === 'unknown') return record
      return failAttempt(record, { reason: 'It came back with another version.', nowUs }, policy)
    case 'pending':
    case 'offered':
    case 'failed':
      return running === 'new' ? succeed(record, nowUs) : record
  }
}

/** It was told that there is something new. */
export function offered(record: DeviceRecord, nowUs: number): DeviceRecord {
  return record.state === 'pending' ? enter(record, 'offered', nowUs) : record
}

/** It has asked for the bytes of the new tag, and gets them if it is `downloading` after that. */
export function began(record: DeviceRecord, nowUs: number, policy: AttemptPolicy): DeviceRecord {
  const isAgain = record.state === 'downloading' || record.state === 'verifying'
  const reason = 'It asked again before it ran the new version.'
  const before = isAgain ? failAttempt(record, { reason, nowUs }, policy) : record
  if (before.state !== 'pending' && before.state !== 'offered') return before
  return { ...enter(before, 'downloading', nowUs), attempts: before.attempts + 1 }
}

/** The last byte of the attempt has been sent. */
export function downloaded(
  record: DeviceRecord,
  { attempt, nowUs }: { attempt: number; nowUs: number },
): DeviceRecord {
  const isIt = record.state === 'downloading' && record.attempts === attempt
  return isIt ? enter(record, 'verifying', nowUs) : record
}

/** The device has said itself that it could not do it. */
export function gaveUp(
  record: DeviceRecord,
  failure: { reason: string; nowUs: number },
  policy: AttemptPolicy,
): DeviceRecord {
  return IN_FLIGHT.includes(record.state) ? failAttempt(record, failure, policy) : record
}

/** Fails an attempt of which nothing was heard in time. */
export function expired(record: DeviceRecord, nowUs: number, policy: AttemptPolicy): DeviceRecord {
  if (!IN_FLIGHT.includes(record.state) || nowUs - record.sinceUs < policy.timeoutUs) return record
  const reason = `It did not come back with the new version in ${policy.timeoutUs / 1_000_000} s.`
  return failAttempt(record, { reason, nowUs }, policy)
}

/** The rollout goes back. `hasPrevious`: it is known what the device ran before. */
export function recalled(
  record: DeviceRecord,
  { running, hasPrevious, nowUs }: { running: Running; hasPrevious: boolean; nowUs: number },
): DeviceRecord {
  const { state, attempts } = record
  // What never got bytes from this rollout has nothing to go back from.
  if (attempts === 0) return state === 'offered' ? enter(record, 'pending', nowUs) : record
  if (state === 'rolling_back' || state === 'rolled_back') return record
  if (!hasPrevious) {
    if (state === 'failed') return record
    const reason = 'It is not known what it ran before.'
    return { ...enter(record, 'failed', nowUs), reason }
  }
  // One that is busy may still come up with the new version, whatever it said before.
  const isSettled = !IN_FLIGHT.includes(state) && running === 'previous'
  return enter(record, isSettled ? 'rolled_back' : 'rolling_back', nowUs)
}

function succeed(record: DeviceRecord, nowUs: number): DeviceRecord {
  return { ...enter(record, 'succeeded', nowUs), reason: '' }
}

function failAttempt(
  record: DeviceRecord,
  { reason, nowUs }: { reason: string; nowUs: number },
  { attemptsMax }: AttemptPolicy,
): DeviceRecord {
  // One that goes back and forth counts as often as it may try, and does not stop a whole fleet by itself.
  const failures = Math.max(record.failures, Math.min(record.failures + 1, attemptsMax))
  // An offer that was never taken counts as well, and so does a device that had the version by other means.
  const attempts = Math.max(record.attempts, failures)
  const state = failures >= attemptsMax ? 'failed' : 'pending'
  return { ...enter(record, state, nowUs), attempts, failures, reason }
}

function enter(record: DeviceRecord, state: DeviceState, nowUs: number): DeviceRecord {
  return { ...record, state, sinceUs: nowUs }
}
