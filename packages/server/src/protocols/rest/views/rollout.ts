import { formatDeviceSlug, formatFleetSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { DEVICE_STATES, type DeviceState } from '../../../catalog/rollout-devices.ts'
import { ROLLOUT_STATES, type RolloutState } from '../../../catalog/rollouts.ts'
import type {
  DeviceFirmwareRow,
  RolloutDeviceRow,
  RolloutRow,
  RolloutStageRow,
} from '../../../catalog/schema/rollouts.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'
import { isoOrNull } from './shadow.ts'

const COUNTS = {
  pending: Type.Integer(),
  offered: Type.Integer(),
  downloading: Type.Integer(),
  verifying: Type.Integer(),
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  rolling_back: Type.Integer(),
  rolled_back: Type.Integer(),
}

export const StageView = Type.Object({
  stage: Type.Integer({ description: 'From 1' }),
  percent: Nullable(Type.Integer({ description: 'Of all devices, counted from the first stage on' })),
  fleet: Nullable(Type.String({ description: 'The ring' })),
  open: Type.Boolean(),
  ...COUNTS,
  attempts_succeeded: Type.Integer({ description: 'Since the rollout was started or resumed' }),
  attempts_failed: Type.Integer(),
})

export const RolloutView = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  org: Type.String(),
  package: Type.String(),
  tag: Type.String(),
  rollback_tag: Nullable(Type.String()),
  fleet: Nullable(Type.String({ description: 'Null: all active devices of the organization' })),
  state: Type.Enum(ROLLOUT_STATES),
  reason: Type.String({ description: 'Why it stopped by itself' }),
  devices: Type.Object(COUNTS, { description: 'How many are where' }),
  stages: Type.Array(StageView),
  failure_percent_max: Type.Integer(),
  attempts_min: Type.Integer(),
  attempts_max: Type.Integer(),
  timeout_s: Type.Integer(),
  advance_percent: Type.Integer(),
  soak_s: Type.Integer(),
  on_failure: Type.String(),
  version_variable: Type.String(),
  created_on: Type.String(),
  created_by: Type.String({ description: 'User name' }),
  started_on: Nullable(Type.String()),
  ended_on: Nullable(Type.String()),
})

export const RolloutDeviceView = Type.Object({
  device: Type.String(),
  stage: Type.Integer(),
  state: Type.Enum(DEVICE_STATES),
  attempts: Type.Integer({ description: 'Downloads that were begun' }),
  failures: Type.Integer(),
  reason: Type.String({ description: 'Why the last attempt failed' }),
  since: Type.String({ description: 'When it came into its state' }),
  previous_tag: Nullable(Type.String({ description: 'What it would go back to' })),
  version: Nullable(Type.String({ description: 'What the device said last' })),
})

export const DeviceFirmwareView = Type.Object({
  package: Nullable(Type.String({ description: 'Null: nobody has decided what it is to run' })),
  tag: Nullable(Type.String()),
  attempts: Type.Integer({ description: 'Downloads of the tag outside of rollouts; at 10 it is left alone' }),
  version: Nullable(Type.String({ description: 'What the device said last' })),
  sketch_md5: Nullable(Type.String()),
  reported_on: Nullable(Type.String()),
  rollout: Nullable(Type.Integer({ description: 'The one that has a say in it now' })),
  state: Nullable(Type.Enum(DEVICE_STATES, { description: 'In that rollout' })),
})

type TagNames = ReadonlyMap<number, { readonly package: string; readonly tag: string }>

export function rolloutView(
  row: RolloutRow,
  stages: readonly RolloutStageRow[],
  { tags, ...names }: { readonly org: string; readonly createdBy: string; readonly tags: TagNames },
): Static<typeof RolloutView> {
  const { package: title = '', tag = '' } = tags.get(row.tag_id) ?? {}
  const isOpen = ({ stage }: RolloutStageRow) => row.state !== 'draft' && stage <= row.stage
  return {
    id: row.id,
    name: row.name,
    org: names.org,
    package: title,
    tag,
    rollback_tag: tags.get(row.rollback_tag_id ?? 0)?.tag ?? null,
    fleet: fleetOrNull(row.fleet_id),
    state: row.state as RolloutState,
    reason: row.reason,
    devices: countsOf(stages),
    stages: stages.map((stage) => stageView(stage, isOpen(stage))),
    failure_percent_max: row.failure_percent_max,
    attempts_min: row.attempts_min,
    attempts_max: row.attempts_max,
    timeout_s: row.timeout_s,
    advance_percent: row.advance_percent,
    soak_s: row.soak_s,
    on_failure: row.on_failure,
    version_variable: row.version_variable,
    created_on: formatIsoUs(row.created_at_us),
    created_by: names.createdBy,
    started_on: isoOrNull(row.started_at_us),
    ended_on: isoOrNull(row.ended_at_us),
  }
}

function stageView(row: RolloutStageRow, open: boolean): Static<typeof StageView> {
  return {
    stage: row.stage + 1,
    percent: row.percent,
    fleet: fleetOrNull(row.fleet_id),
    open,
    ...countsOf([row]),
    attempts_succeeded: row.attempts_succeeded,
    attempts_failed: row.attempts_failed,
  }
}

export function rolloutDeviceView(
  row: RolloutDeviceRow,
  { version, tags }: { readonly version: string | null; readonly tags: TagNames },
): Static<typeof RolloutDeviceView> {
  return {
    device: formatDeviceSlug(row.device_id),
    stage: row.stage + 1,
    state: row.state as DeviceState,
    attempts: row.attempts,
    failures: row.failures,
    reason: row.reason,
    since: formatIsoUs(row.since_us),
    previous_tag: tags.get(row.previous_tag_id ?? 0)?.tag ?? null,
    version,
  }
}

export function deviceFirmwareView(
  row: DeviceFirmwareRow | undefined,
  { tags, member }: { readonly tags: TagNames; readonly member: RolloutDeviceRow | undefined },
): Static<typeof DeviceFirmwareView> {
  const assigned = tags.get(row?.tag_id ?? 0)
  return {
    package: assigned?.package ?? null,
    tag: assigned?.tag ?? null,
    attempts: row?.attempts ?? 0,
    version: row?.version ?? null,
    sketch_md5: row?.sketch_md5 ?? null,
    reported_on: isoOrNull(row?.reported_at_us ?? null),
    rollout: member?.rollout_id ?? null,
    state: (member?.state as DeviceState | undefined) ?? null,
  }
}

function countsOf(stages: readonly RolloutStageRow[]): Record<DeviceState, number> {
  const counts = DEVICE_STATES.map((state) => [state, stages.reduce((sum, row) => sum + row[state], 0)])
  return Object.fromEntries(counts) as Record<DeviceState, number>
}

function fleetOrNull(id: number | null): string | null {
  return id === null ? null : formatFleetSlug(id)
}
