import { formatDeviceSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import type { JoinedShadow } from '../shadow-view.ts'
import { Nullable } from './nullable.ts'

const Values = Type.Record(Type.String(), Type.Unknown())

export const ShadowView = Type.Object({
  device: Type.String({ description: 'Slug' }),
  version: Type.Integer({ description: 'Counts changes; 0 while there was none' }),
  desired: Values,
  reported: Type.Record(Type.String(), Type.Unknown(), {
    description: 'What the device reported, and the newest points of its streams by the names of variables',
  }),
  reported_on: Type.Record(Type.String(), Type.String(), { description: 'When each of them was' }),
  delta: Type.Record(Type.String(), Type.Unknown(), { description: 'What is desired and not reported so' }),
  desired_on: Nullable(Type.String()),
  delivered_on: Nullable(
    Type.String({ description: 'When the device first fetched the desired values of now' }),
  ),
})

export const DeltaView = Type.Object({
  version: Type.Integer(),
  delta: Values,
})

export function shadowView(deviceId: number, shadow: JoinedShadow): Static<typeof ShadowView> {
  const reported = Object.entries(shadow.reported)
  return {
    device: formatDeviceSlug(deviceId),
    version: shadow.version,
    desired: shadow.desired,
    reported: Object.fromEntries(reported.map(([name, { value }]) => [name, value])),
    reported_on: Object.fromEntries(reported.map(([name, { timeUs }]) => [name, formatIsoUs(timeUs)])),
    delta: shadow.delta,
    desired_on: isoOrNull(shadow.desiredAtUs),
    delivered_on: isoOrNull(shadow.deliveredAtUs),
  }
}

export function isoOrNull(timeUs: number | null): string | null {
  return timeUs === null ? null : formatIsoUs(timeUs)
}
