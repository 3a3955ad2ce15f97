import { describe, expect, it } from 'vitest'
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

const POLICY = { attemptsMax: 2, timeoutUs: 1_000 }
const STEPS = {
  offer: (r: DeviceRecord) => offered(r, 1),
  get: (r: DeviceRecord) => began(r, 1, POLICY),
  sent: (r: DeviceRecord) => downloaded(r, { attempt: r.attempts, nowUs: 1 }),
  'sent late': (r: DeviceRecord) => downloaded(r, { attempt: r.attempts - 1, nowUs: 1 }),
  refuse: (r: DeviceRecord) => gaveUp(r, { reason: 'signature', nowUs: 1 }, POLICY),
  wait: (r: DeviceRecord) => expired(r, 1_001, POLICY),
  'wait less': (r: DeviceRecord) => expired(r, 1_000, POLICY),
  recall: (r: DeviceRecord) => recalled(r, { running: 'new', hasPrevious: true, nowUs: 1 }),
  'recall old': (r: DeviceRecord) => recalled(r, { running: 'previous', hasPrevious: true, nowUs: 1 }),
  'recall unknown': (r: DeviceRecord) => recalled(r, { running: 'new', hasPrevious: false, nowUs: 1 }),
}

/** Steps are names of these, or what the device says that it runs. */
function after(story: string): string {
  let record = PENDING
  for (const name of story.split(', ')) {
    const step = STEPS[name as keyof typeof STEPS]
    record = step ? step(record) : heard(record, { running: name as Running, nowUs: 1 }, POLICY)
  }
  return `${record.state} ${record.failures}/${record.attempts}`
}

describe('a device in a rollout', () => {
  it.each([
    ['previous', 'pending 0/0'],
    ['new', 'succeeded 0/0'],
    ['offer, previous, unknown', 'offered 0/0'],
    ['offer, get, sent', 'verifying 0/1'],
    ['get, sent, new', 'succeeded 0/1'],
    ['get, new', 'succeeded 0/1'],
    ['get, sent late', 'downloading 0/1'],
    // Switched off while it wrote its flash: it asks again with what it had.
    ['get, previous', 'pending 1/1'],
    ['get, previous, get, sent, new', 'succeeded 1/2'],
    ['get, sent, previous, get, sent, previous', 'failed 2/2'],
    ['get, sent, other', 'pending 1/1'],
    // A program without a version of its own only ever asks.
    ['get, sent, get', 'downloading 1/2'],
    ['get, sent, get, get', 'failed 2/2'],
    ['get, sent, unknown', 'verifying 0/1'],
    ['get, sent, wait less', 'verifying 0/1'],
    ['get, sent, wait', 'pending 1/1'],
    ['offer, wait', 'pending 1/1'],
    ['wait', 'pending 0/0'],
    ['get, refuse', 'pending 1/1'],
    ['refuse', 'pending 0/0'],
    ['get, refuse, get, refuse, get', 'failed 2/2'],
    ['get, refuse, get, refuse, new', 'succeeded 2/2'],
    // A boot loader that goes back to what worked.
    ['get, sent, new, previous', 'pending 1/1'],
    ['get, sent, new, unknown', 'succeeded 0/1'],
    ['recall', 'pending 0/0'],
    ['offer, recall', 'pending 0/0'],
    ['new, recall', 'succeeded 0/0'],
    ['get, sent, new, recall', 'rolling_back 0/1'],
    ['get, sent, new, recall, new, previous', 'rolled_back 0/1'],
    ['get, recall old', 'rolling_back 0/1'],
    ['get, previous, recall old', 'rolled_back 1/1'],
    ['get, sent, new, recall unknown', 'failed 0/1'],
  ])('%s: %s', (story, state) => {
    expect(after(story)).toBe(state)
  })
})
