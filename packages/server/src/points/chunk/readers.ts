/**
 * Who reads what: short reads are made at once, in the caller's thread; what turns out to be long goes on in
 * threads of its own, so that nobody else waits for it.
 */
import { availableParallelism } from 'node:os'
import { CellBuilder } from '../aggregate-cells.ts'
import type { AggregateCells, AggregateRequest, PointColumns, ReadRange } from '../point-store.ts'
import { type AggregateWork, ChunkReads, type ChunkReadsOptions } from './chunk-reads.ts'
import type { Heads } from './heads.ts'
import type { ReaderCalls } from './reader.ts'
import { CallThread } from './thread-calls.ts'

/** Reads of more points than this may be long. */
const SHORT_POINTS_MAX = 100_000
/** Slices of one stream that may be looked through at once; a slice is a day. */
const SHORT_PARTS_MAX = 4
/** The same when each slice is mostly answered by its summaries. */
const SHORT_SUMMARY_PARTS_MAX = 100
const THREADS_MAX = 4
/** Of a wide aggregate; what they cost is taken for what the others will. */
const SAMPLE_STREAMS = 16

/** Who aggregates which streams: this thread those up to `shareTo`, and other threads `shareCount` each. */
interface AggregatePlan {
  readonly from: number
  readonly shareTo: number
  readonly shareCount: number
}

export interface ReadersOptions extends ChunkReadsOptions {
  /** How long a read may hold its caller's thread. */
  readonly heldMsMax: number
}

export class Readers {
  #heads: Heads
  #heldMsMax: number
  #here: ChunkReads
  #threads: readonly CallThread<ReaderCalls>[]

  /** Each thread remembers summaries up to the given bound. */
  constructor(heads: Heads, { heldMsMax, ...options }: ReadersOptions) {
    this.#heads = heads
    this.#heldMsMax = heldMsMax
    this.#here = new ChunkReads(options)
    const url = new URL('./reader-thread.ts', import.meta.url)
    const count = Math.min(THREADS_MAX, Math.max(1, availableParallelism() - 1))
    this.#threads = Array.from({ length: count }, () => new CallThread<ReaderCalls>(url, options))
  }

  /** Whether a thread may be looking at a head. */
  get areReading(): boolean {
    return this.#threads.some((thread) => thread.waitingCount > 0)
  }

  async read(streamId: number, range: ReadRange): Promise<PointColumns> {
    const { limit = Number.POSITIVE_INFINITY } = range
    const isShort = limit <= SHORT_POINTS_MAX || this.#here.partCount(range) <= SHORT_PARTS_MAX
    if (isShort && this.#heldMsMax > 0) return this.#here.read(this.#heads.views(), streamId, range)
    return this.#idlest().call('read', { heads: this.#heads.memories(), streamId, range })
  }

  async aggregate(request: AggregateRequest): Promise<AggregateCells> {
    const { streamIds, groupCount, edgesUs } = request
    const cells = new CellBuilder(groupCount * (edgesUs.length - 1))
    const plan = this.#plan(request, cells)
    const elsewhere: Promise<AggregateCells>[] = []
    for (let from = plan.shareTo; from < streamIds.length; from += plan.shareCount) {
      elsewhere.push(this.#aggregateElsewhere(request, from, from + plan.shareCount))
    }
    const reached = this.#aggregateHere(request, { cells, from: plan.from, to: plan.shareTo })
    if (reached < plan.shareTo) elsewhere.unshift(this.#aggregateElsewhere(request, reached, plan.shareTo))
    for (const share of await Promise.all(elsewhere)) cells.addCells(share)
    return cells
  }

  /** Looks at the first streams, and decides from how long they took how many of the others to share out. */
  #plan(request: AggregateRequest, cells: CellBuilder): AggregatePlan {
    const { streamIds, edgesUs } = request
    const range = { fromUs: edgesUs[0], toUs: edgesUs[edgesUs.length - 1] }
    if (this.#heldMsMax === 0 || this.#here.partCount(range) > SHORT_SUMMARY_PARTS_MAX) {
      return this.#shares(0, 0, streamIds.length)
    }
    const start = performance.now()
    const from = this.#aggregateHere(request, {
      cells,
      from: 0,
      to: Math.min(SAMPLE_STREAMS, streamIds.length),
    })
    const estimatedMs = ((performance.now() - start) / from) * streamIds.length
    const left = streamIds.length - from
    if (estimatedMs <= this.#heldMsMax) return { from, shareTo: streamIds.length, shareCount: left }
    return this.#shares(from, Math.ceil(left / (this.#threads.length + 1)), streamIds.length)
  }

  #shares(from: number, hereCount: number, to: number): AggregatePlan {
    const shareTo = from + hereCount
    return { from, shareTo, shareCount: Math.max(1, Math.ceil((to - shareTo) / this.#threads.length)) }
  }

  #aggregateHere(request: AggregateRequest, work: Omit<AggregateWork, 'untilMs'>): number {
    const untilMs = performance.now() + this.#heldMsMax
    return this.#here.aggregate(this.#heads.views(), request, { ...work, untilMs })
  }

  #aggregateElsewhere(request: AggregateRequest, from: number, to: number): Promise<AggregateCells> {
    const streamIds = request.streamIds.slice(from, to)
    const groups = request.groups.slice(from, to)
    const share = { ...request, streamIds, groups }
    return this.#idlest().call('aggregate', { heads: this.#heads.memories(), request: share })
  }

  sizeBytes(): number {
    return this.#here.sizeBytes()
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
    this.#here.close()
  }

  #idlest(): CallThread<ReaderCalls> {
    return this.#threads.reduce((best, thread) => (thread.waitingCount < best.waitingCount ? thread : best))
  }
}
