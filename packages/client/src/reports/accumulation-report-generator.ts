/** How much has flowed: sums of output values by stream. */
import { datetimeToStr } from '../datetime-to-str.ts'
import type { Stream } from '../resources/stream.ts'
import { BaseReportGenerator } from './base-report-generator.ts'
import { StreamData } from './stream-data.ts'

export interface StreamSum {
  readonly sum: number
  /** Short name of the output unit; empty without one. */
  readonly units: string
}

export type AccumulationReport =
  | { readonly streams: Readonly<Record<string, StreamSum>>; readonly total: number }
  | { readonly error: string }

export class AccumulationReportGenerator extends BaseReportGenerator {
  /**
   * Sums the points from `start` on, up to but without `end`, in the order of time. Streams whose sum is 0 are
   * left out.
   */
  async computeSum(
    sources: Iterable<string | { toString(): string }>,
    start: Date,
    end: Date = new Date(),
  ): Promise<AccumulationReport> {
    const found = await this.streamsOf(sources)
    if (found.size === 0) return { error: 'No streams were found for these GIDs' }
    const streams: Record<string, StreamSum> = {}
    let total = 0
    for (const stream of found.values()) {
      const sum = await this.#sumOf(stream, { start: datetimeToStr(start), end: datetimeToStr(end) })
      if (sum === 0) continue
      streams[stream.slug] = { sum, units: stream.output_unit?.unit_short ?? '' }
      total += sum
    }
    return { streams, total }
  }

  async #sumOf(stream: Stream, range: { start: string; end: string }): Promise<number> {
    let sum = 0
    for await (const page of new StreamData(stream.slug, this.api).pages(range)) {
      for (const { output_value: value } of page.results) sum += value ?? 0
    }
    return sum
  }
}
