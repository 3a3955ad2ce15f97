/** Which stage of a rollout a device belongs to: the same at every time and on every server. */
import { hash } from 'node:crypto'

/** A share of all devices, counted from the first stage on, or the devices of a ring. */
export type Stage =
  | { readonly percent: number; readonly ring?: never }
  | { readonly percent?: never; readonly ring: ReadonlySet<number> }

const SHARES = 2 ** 32

/** 0 up to 100, spread evenly over devices, and in another order in each rollout. */
export function shareOf({ rolloutId, deviceId }: { rolloutId: number; deviceId: number }): number {
  const digest = hash('sha256', `${rolloutId} ${deviceId}`, 'buffer')
  return (digest.readUInt32BE(0) / SHARES) * 100
}

/** The first stage that holds the device; undefined when none does. */
export function stageOf(
  stages: readonly Stage[],
  device: { rolloutId: number; deviceId: number },
): number | undefined {
  const share = shareOf(device)
  const stage = stages.findIndex(({ percent, ring }) =>
    ring === undefined ? share < percent : ring.has(device.deviceId),
  )
  return stage < 0 ? undefined : stage
}
