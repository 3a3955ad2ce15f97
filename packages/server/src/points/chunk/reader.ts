/** Reads that would hold the event loop for too long, as calls that a thread for them answers. */
import { CellBuilder } from '../aggregate-cells.ts'
import type { AggregateCells, AggregateRequest, PointColumns, ReadRange } from '../point-store.ts'
import { ChunkReads, type ChunkReadsOptions } from './chunk-reads.ts'
import { type HeadMemory, HeadView } from './head-view.ts'

export type ReaderCalls = ReturnType<typeof openReader>

export function openReader(options: ChunkReadsOptions) {
  const reads = new ChunkReads(options)
  return {
    read({
      heads,
      streamId,
      range,
    }: {
      heads: HeadMemory[]
      streamId: number
      range: ReadRange
    }): PointColumns {
      return reads.read(views(heads), streamId, range)
    },
    aggregate({ heads, request }: { heads: HeadMemory[]; request: AggregateRequest }): AggregateCells {
      const { streamIds, groupCount, edgesUs } = request
      const cells = new CellBuilder(groupCount * (edgesUs.length - 1))
      const untilMs = Number.POSITIVE_INFINITY
      reads.aggregate(views(heads), request, { cells, from: 0, to: streamIds.length, untilMs })
      return { ...cells }
    },
    close: (_: null): void => reads.close(),
  }
}

function views(heads: readonly HeadMemory[]): HeadView[] {
  return heads.map((memory) => new HeadView(memory))
}
