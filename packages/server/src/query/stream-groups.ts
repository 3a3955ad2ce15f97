/** Streams that make one series together, and what the series is called. */
import type { SeriesLabels } from './query-answer.ts'
import type { Grouping } from './query-request.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'

export interface StreamGroup {
  /** At least one, none twice. */
  readonly streams: readonly StreamDescriptor[]
  readonly labels: SeriesLabels
}

/** Groups as the points store is asked for them. */
export interface StreamGroups {
  readonly groups: readonly StreamGroup[]
  /** Parallel to the groups. */
  readonly labels: readonly SeriesLabels[]
  /** The streams of all groups, one group after the other. */
  readonly streamIds: Uint32Array
  /** Parallel to `streamIds`: position of each stream's group. */
  readonly groupNumbers: Uint32Array
}

/** A list of streams is never changed, and asked for again and again. */
const gathered = new WeakMap<readonly StreamDescriptor[], Map<Grouping, StreamGroups>>()

/** As `groupStreams`, once for each list of streams. */
export function gatherStreams(streams: readonly StreamDescriptor[], by: Grouping): StreamGroups {
  const byGrouping = gathered.get(streams) ?? new Map<Grouping, StreamGroups>()
  gathered.set(streams, byGrouping)
  const groups = byGrouping.get(by) ?? asStreamGroups(groupStreams(streams, by))
  byGrouping.set(by, groups)
  return groups
}

export function asStreamGroups(groups: readonly StreamGroup[]): StreamGroups {
  return {
    groups,
    labels: groups.map(({ labels }) => labels),
    streamIds: Uint32Array.from(groups.flatMap(({ streams }) => streams.map(({ id }) => id))),
    groupNumbers: Uint32Array.from(groups.flatMap(({ streams }, group) => streams.map(() => group))),
  }
}

/**
 * Gathers streams in the order in which they are given. Streams without a device make one group per
 * project when grouped by device. A variable belongs to its project: those of two projects stay apart,
 * also under the same name.
 */
export function groupStreams(streams: readonly StreamDescriptor[], by: Grouping): StreamGroup[] {
  const seen = new Set<number>()
  const groups = new Map<string, StreamDescriptor[]>()
  for (const stream of streams) {
    if (seen.has(stream.id)) continue
    seen.add(stream.id)
    const key = groupKey(stream, by)
    const group = groups.get(key)
    if (group) group.push(stream)
    else groups.set(key, [stream])
  }
  return Array.from(groups.values(), (group) => ({ streams: group, labels: commonLabels(group) }))
}

function groupKey(stream: StreamDescriptor, by: Grouping): string {
  switch (by) {
    case 'stream':
      return stream.slug
    case 'device':
      return stream.deviceSlug ?? stream.projectSlug
    case 'variable':
      return stream.variableSlug
    case 'none':
      return ''
  }
}

/** Compared by slug, since names may repeat. */
function commonLabels(streams: readonly StreamDescriptor[]): SeriesLabels {
  const [first] = streams
  const share = (slugOf: (stream: StreamDescriptor) => string | undefined) =>
    streams.every((stream) => slugOf(stream) === slugOf(first))
  return {
    stream: streams.length === 1 ? first.slug : undefined,
    device: share((stream) => stream.deviceSlug) ? first.deviceName : undefined,
    variable: share((stream) => stream.variableSlug) ? first.variableName : undefined,
    project: share((stream) => stream.projectSlug) ? first.projectName : undefined,
  }
}
