/** Points on the wire: with what a person reads in `stream/…/data/`, and bare in `data/`. */
import { formatBlockSlug, formatDeviceSlug, formatProjectSlug, formatVariableSlug } from '@sonde/client'
import type { Static } from 'typebox'
import type { ReadingRow } from '../../../catalog/schema/reports.ts'
import type { StreamRow } from '../../../catalog/schema.ts'
import type { PointValue } from '../../../model/point-batch.ts'
import { formatIsoUs } from '../../../model/time.ts'
import {
  type DerivedUnit,
  derivedOf,
  displayOf,
  outputOf,
  rawOf,
  type ValueChain,
} from '../../../model/value-chain.ts'
import { Type } from '../schema.ts'
import { Nullable } from './nullable.ts'

const Value = Type.Union([Type.Number(), Type.String()], { description: 'In the internal unit; or a text' })
const PointType = Type.String({ description: '`ITR` when the stream has an input unit, else `Num`' })
const ReadingId = Nullable(Type.Integer({ description: 'The device’s number of the reading, if it has one' }))
const Time = Nullable(
  Type.String({ description: 'Null only for a reading of which nobody knows when it was taken' }),
)
const RawValue = Nullable(Type.Integer({ description: 'What the device counted; null for a text' }))

/** A point as `stream/<slug>/data/` lists it. */
export const StreamPointView = Type.Object({
  type: PointType,
  timestamp: Time,
  int_value: RawValue,
  value: Value,
  display_value: Type.String({ description: 'The output value with the digits of its unit' }),
  output_value: Nullable(Type.Number({ description: 'In the output unit' })),
  streamer_local_id: ReadingId,
  derived_value: Type.Optional(Nullable(Type.Number({ description: 'In the unit of `derived`' }))),
})

/** A point as `data/` lists it. */
export const PointView = Type.Object({
  id: Nullable(Type.Integer()),
  stream: Type.String(),
  project: Type.String(),
  device: Nullable(Type.String()),
  variable: Type.String(),
  type: PointType,
  device_timestamp: Nullable(Type.Integer()),
  timestamp: Time,
  int_value: RawValue,
  value: Value,
  streamer_local_id: ReadingId,
  dirty_ts: Type.Boolean(),
  status: Type.String(),
})

export interface Point {
  /** Null for a reading of which nobody knows when it was taken. */
  readonly timeUs: number | null
  readonly value: PointValue
  /** What came with the point in a report. */
  readonly reading?: ReadingRow | undefined
}

export function streamPointView(
  { timeUs, value, reading }: Point,
  chain: ValueChain,
  derived?: DerivedUnit,
): Static<typeof StreamPointView> {
  const isText = typeof value === 'string'
  return {
    type: pointType(chain),
    timestamp: timeText(timeUs),
    int_value: rawValue({ value, reading }, chain),
    value,
    display_value: isText ? value : displayOf(chain, value),
    output_value: isText ? null : outputOf(chain, value),
    streamer_local_id: reading?.reading_id ?? null,
    ...(derived && { derived_value: isText ? null : derivedOf(chain, value, derived) }),
  }
}

/** What a point needs to know of its stream. */
export type PointStream = Pick<StreamRow, 'slug' | 'project_id' | 'device_id' | 'block' | 'variable_lid'>

export function pointView(
  { timeUs, value, reading }: Point,
  { stream, chain }: { stream: PointStream; chain: ValueChain },
): Static<typeof PointView> {
  return {
    id: reading?.id ?? null,
    ...streamParts(stream),
    type: pointType(chain),
    device_timestamp: reading?.device_s ?? null,
    timestamp: timeText(timeUs),
    int_value: rawValue({ value, reading }, chain),
    value,
    streamer_local_id: reading?.reading_id ?? null,
    dirty_ts: reading?.status === 'drt',
    status: reading?.status ?? 'unk',
  }
}

/** What a stream is of, as slugs; an archived one is of a data block. */
export function streamParts({ slug, project_id, device_id, block, variable_lid }: PointStream) {
  return {
    stream: slug,
    project: formatProjectSlug(project_id),
    device: placeOf({ device: device_id, block }),
    variable: formatVariableSlug({ project: project_id, lid: variable_lid }),
  }
}

function placeOf({ device, block }: { device: number; block: number }): string | null {
  if (block !== 0) return formatBlockSlug({ block, device })
  return device === 0 ? null : formatDeviceSlug(device)
}

function timeText(timeUs: number | null): string | null {
  return timeUs === null ? null : formatIsoUs(timeUs)
}

/** What the device sent, unless another value has been written over it. */
function rawValue({ value, reading }: Omit<Point, 'timeUs'>, chain: ValueChain): number | null {
  if (reading?.value === value) return reading.int_value
  return typeof value === 'string' ? null : rawOf(chain, value)
}

function pointType(chain: ValueChain): string {
  return chain.input ? 'ITR' : 'Num'
}
