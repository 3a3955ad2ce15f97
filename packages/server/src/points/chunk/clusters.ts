/** Chunks of one stream and slice that overlap in time, and how their points become one run. */
import type { ChunkReadings, TextRow } from './chunk-database.ts'
import { decodeChunk } from './codec/chunk-codec.ts'
import { concatRuns, EMPTY_RUN, mergeRuns, type Run } from './run.ts'
import type { StoredChunk } from './summary-block.ts'

/** The texts of a slice join all of its chunks into one cluster. */
export interface Cluster {
  readonly chunks: StoredChunk[]
  readonly texts: readonly TextRow[]
  readonly startUs: number
  stopUs: number
}

/** `chunks` and `texts` of one slice, each by start. A text may replace any number and the other way round. */
export function clustersOf(chunks: StoredChunk[], texts: readonly TextRow[]): Cluster[] {
  if (texts.length > 0) {
    const startUs = Math.min(...chunks.slice(0, 1).map((chunk) => chunk.startUs), least(texts))
    const stopUs = chunks.reduce((latest, chunk) => Math.max(latest, chunk.stopUs), greatest(texts))
    return [{ chunks, texts, startUs, stopUs }]
  }
  const clusters: Cluster[] = []
  for (const chunk of chunks) {
    const last = clusters.at(-1)
    if (last && chunk.startUs <= last.stopUs) {
      last.chunks.push(chunk)
      last.stopUs = Math.max(last.stopUs, chunk.stopUs)
    } else {
      clusters.push({ chunks: [chunk], texts, startUs: chunk.startUs, stopUs: chunk.stopUs })
    }
  }
  return clusters
}

export function isOneChunk(cluster: Cluster): boolean {
  return cluster.chunks.length === 1 && cluster.texts.length === 0
}

/** The points of a cluster, older writes first so that newer ones stand over them. */
export function decodeCluster(database: ChunkReadings, { chunks, texts }: Cluster): Run {
  if (chunks.length === 1 && texts.length === 0) return decodeOne(database, chunks[0])
  const layers = new Map<number, Run>()
  const stack = (seq: number, run: Run) => layers.set(seq, mergeRuns(layers.get(seq) ?? EMPTY_RUN, run))
  for (const chunk of chunks) stack(chunk.seq, decodeOne(database, chunk))
  for (const [seq, rows] of Map.groupBy(texts, (row) => row.seq)) stack(seq, textRun(rows))
  let run = EMPTY_RUN
  for (const seq of [...layers.keys()].sort((a, b) => a - b)) run = mergeRuns(run, layers.get(seq)!)
  return run
}

/** All points of one slice of a stream. */
export function decodeClusters(database: ChunkReadings, clusters: readonly Cluster[]): Run {
  const runs = clusters.map((cluster) => decodeCluster(database, cluster))
  return runs.length === 0 ? EMPTY_RUN : concatRuns(runs)
}

export function decodeOne(database: ChunkReadings, chunk: StoredChunk): Run {
  const into = { timesUs: new Float64Array(chunk.count), values: new Float64Array(chunk.count) }
  decodeChunk(database.chunkData(chunk), chunk.startUs, into)
  return into
}

function least(texts: readonly TextRow[]): number {
  return texts.reduce((time, row) => Math.min(time, row.timeUs), Number.POSITIVE_INFINITY)
}

function greatest(texts: readonly TextRow[]): number {
  return texts.reduce((time, row) => Math.max(time, row.timeUs), Number.NEGATIVE_INFINITY)
}

function textRun(rows: readonly TextRow[]): Run {
  return {
    timesUs: Float64Array.from(rows, (row) => row.timeUs),
    values: new Float64Array(rows.length).fill(Number.NaN),
    texts: new Map(rows.map((row, i) => [i, row.text])),
  }
}
