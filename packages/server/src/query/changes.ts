/**
 * `delta` and `increase`: how far the values of streams moved in each bucket. Both are found stream by
 * stream and summed over a group.
 *
 * A stream's first bucket is compared with its last point before the range or, when there is none or it is
 * a text, with its own first point. Only numbers count: a bucket whose last point is a text has no delta,
 * and the next bucket is compared with the number before it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type AggregateCells, ALL_TIME, type PointStore } from '../points/point-store.ts'
import { readPages } from './point-pages.ts'
import type { StreamGroup } from './stream-groups.ts'

export type ChangeKind = 'delta' | 'increase'

/** Reads of a single point that run at the same time. */
const READS_AT_ONCE = 16

export interface ChangeOptions {
  readonly kind: ChangeKind
  readonly groups: readonly StreamGroup[]
  /** Cells asked of the store in one call. */
  readonly cellsPerCall: number
}

interface Member {
  readonly streamId: number
  readonly group: number
  /** The stream's last number so far; NaN while there is none. */
  lastValue: number
}

/** Changes of some groups over buckets that are read one run after the other. */
export class ChangeReader {
  readonly kind: ChangeKind
  #store: PointStore
  #groupCount: number
  #cellsPerCall: number
  #members: Member[]
  #knowsEarlier = false

  constructor(store: PointStore, { kind, groups, cellsPerCall }: ChangeOptions) {
    this.kind = kind
    this.#store = store
    this.#groupCount = groups.length
    this.#cellsPerCall = cellsPerCall
    this.#members = groups.flatMap(({ streams }, group) =>
      streams.map(({ id }) => ({ streamId: id, group, lastValue: Number.NaN })),
    )
  }

  /**
   * One value per cell of the groups, NaN where none of a group's streams has a number. Each call goes on
   * where the last one ended. `cells` are those of the groups over the same buckets.
   */
  async read(edgesUs: Float64Array, cells: AggregateCells): Promise<Float64Array> {
    if (!this.#knowsEarlier) await this.#readEarlier(edgesUs[0])
    const sums = new Float64Array(this.#groupCount * (edgesUs.length - 1)).fill(Number.NaN)
    if (this.kind === 'increase') await this.#addIncreases(sums, edgesUs)
    else if (this.#members.length === this.#groupCount) addDeltas(sums, this.#members, cells)
    else await this.#addMemberDeltas(sums, edgesUs)
    return sums
  }

  async #readEarlier(beforeUs: number): Promise<void> {
    this.#knowsEarlier = true
    if (beforeUs <= ALL_TIME.fromUs) return
    const range = { fromUs: ALL_TIME.fromUs, toUs: beforeUs, limit: 1, keep: 'newest' } as const
    for (let from = 0; from < this.#members.length; from += READS_AT_ONCE) {
      const members = this.#members.slice(from, from + READS_AT_ONCE)
      await Promise.all(
        members.map(async (member) => {
          const { values } = await this.#store.readRange(member.streamId, range)
          member.lastValue = values[0] ?? Number.NaN
        }),
      )
    }
  }

  /** Groups of several streams: the store is asked again with each stream on its own. */
  async #addMemberDeltas(sums: Float64Array, edgesUs: Float64Array): Promise<void> {
    const membersPerCall = Math.max(1, Math.floor(this.#cellsPerCall / (edgesUs.length - 1)))
    for (let from = 0; from < this.#members.length; from += membersPerCall) {
      const members = this.#members.slice(from, from + membersPerCall)
      const cells = await this.#store.aggregate({
        streamIds: Uint32Array.from(members, ({ streamId }) => streamId),
        groups: Uint32Array.from(members, (_, index) => index),
        groupCount: members.length,
        edgesUs,
      })
      addDeltas(sums, members, cells)
      await nextTurn()
    }
  }

  /** A drop between two points can hide inside a bucket, so that every point has to be looked at. */
  async #addIncreases(sums: Float64Array, edgesUs: Float64Array): Promise<void> {
    const bucketCount = edgesUs.length - 1
    const [fromUs, toUs] = [edgesUs[0], edgesUs[bucketCount]]
    for (const member of this.#members) {
      let bucket = 0
      for await (const { timesUs, values } of readPages(this.#store, {
        streamId: member.streamId,
        fromUs,
        toUs,
      })) {
        for (let row = 0; row < timesUs.length; row++) {
          const value = values[row]
          if (Number.isNaN(value)) continue
          while (timesUs[row] >= edgesUs[bucket + 1]) bucket++
          addTo(sums, member.group * bucketCount + bucket, increase(member.lastValue, value))
          member.lastValue = value
        }
        await nextTurn()
      }
    }
  }
}

/** `cells` has each member as a group of its own. */
function addDeltas(sums: Float64Array, members: readonly Member[], cells: AggregateCells): void {
  const bucketCount = cells.counts.length / members.length
  members.forEach((member, index) => {
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const cell = index * bucketCount + bucket
      const last = cells.lasts[cell]
      if (Number.isNaN(last)) continue
      const base = Number.isNaN(member.lastValue) ? cells.firsts[cell] : member.lastValue
      if (!Number.isNaN(base)) addTo(sums, member.group * bucketCount + bucket, last - base)
      member.lastValue = last
    }
  })
}

/** A counter that dropped has started again from 0. */
function increase(from: number, to: number): number {
  if (Number.isNaN(from)) return 0
  return to >= from ? to - from : to
}

function addTo(sums: Float64Array, cell: number, change: number): void {
  sums[cell] = Number.isNaN(sums[cell]) ? change : sums[cell] + change
}
