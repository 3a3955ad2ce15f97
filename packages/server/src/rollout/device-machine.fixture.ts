import type { DeviceRecord } from './device-machine.ts'

/** A device that a rollout has just taken up, as the catalog's row begins. */
export const PENDING: DeviceRecord = { state: 'pending', attempts: 0, failures: 0, reason: '', sinceUs: 0 }
