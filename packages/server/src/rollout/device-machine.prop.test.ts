import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PENDING } from './device-machine.fixture.ts'
import {
  began,
  type DeviceRecord,
  downloaded,
  expired,
  gaveUp,
  heard,
  offered,
  type Running,
  recalled,
} from './device-machine.ts'

const RUNNING: readonly Running[] = ['new', 'previous', 'other', 'unknown']
const policyOf = fc.record({ attemptsMax: fc.integer({ min: 1, max: 4 }), timeoutUs: fc.constant(1_000) })

type Policy = { attemptsMax: number; timeoutUs: number }
type Step = (record: DeviceRecord, nowUs: number, policy: Policy) => DeviceRecord

const forward: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Running>(...RUNNING).map(
    (running): Step =>
      (r, nowUs, p) =>
        heard(r, { running, nowUs }, p),
  ),
  fc.constant<Step>(offered),
  fc.constant<Step>(began),
  fc.constant<Step>((r, nowUs) => downloaded(r, { attempt: r.attempts, nowUs })),
  fc.constant<Step>((r, nowUs, p) => gaveUp(r, { reason: 'no', nowUs }, p)),
  fc.constant<Step>(expired),
)

const history = fc.array(fc.tuple(forward, fc.integer({ min: 0, max: 1_500 })), { maxLength: 40 })

function walk(policy: Policy, steps: [Step, number][]): DeviceRecord[] {
  let record = PENDING
  let nowUs = 0
  const records = [record]
  for (const [step, pauseUs] of steps) {
    nowUs += pauseUs
    record = step(record, nowUs, policy)
    records.push(record)
  }
  return records
}

it('never begins more attempts than there may be, and never counts one twice', () => {
  fc.assert(
    fc.property(policyOf, history, (policy, steps) => {
      for (const { state, attempts, failures } of walk(policy, steps)) {
        expect(attempts).toBeLessThanOrEqual(policy.attemptsMax)
        expect(failures).toBeLessThanOrEqual(attempts)
        if (state === 'downloading' || state === 'verifying') expect(attempts).toBe(failures + 1)
        if (state === 'failed') expect(failures).toBe(policy.attemptsMax)
      }
    }),
  )
})

it('ends for a device that keeps asking and never gets there', () => {
  fc.assert(
    fc.property(policyOf, history, (policy, steps) => {
      let record = walk(policy, steps).at(-1)!
      for (let round = 0; round < policy.attemptsMax + 1; round++) {
        record = heard(record, { running: 'previous', nowUs: 1e6 + round }, policy)
        record = began(record, 1e6 + round, policy)
      }
      expect(record.state).toBe('failed')
    }),
  )
})

it('believes a device that runs the new version, whatever was before', () => {
  fc.assert(
    fc.property(policyOf, history, (policy, steps) => {
      const record = walk(policy, steps).at(-1)!
      expect(heard(record, { running: 'new', nowUs: 1e6 }, policy).state).toBe('succeeded')
    }),
  )
})

it('takes everything back that got bytes, and leaves the rest alone', () => {
  fc.assert(
    fc.property(policyOf, history, fc.constantFrom<Running>(...RUNNING), (policy, steps, running) => {
      const before = walk(policy, steps).at(-1)!
      const after = recalled(before, { running, hasPrevious: true, nowUs: 1e6 })
      if (before.attempts === 0) expect(['pending', 'succeeded']).toContain(after.state)
      else expect(['rolling_back', 'rolled_back']).toContain(after.state)
      expect(recalled(after, { running, hasPrevious: true, nowUs: 2e6 })).toEqual(after)
      const back = heard(after, { running: 'previous', nowUs: 3e6 }, policy)
      if (before.attempts > 0) expect(back.state).toBe('rolled_back')
    }),
  )
})
