/** What reports over streams have in common: finding the streams of projects, devices and slugs. */
import type { Api } from '../api/api.ts'
import { HttpClientError } from '../api/http-errors.ts'
import type { Stream } from '../resources/stream.ts'

export interface ReportOptions {
  /** Told of sources that are left out. @default console.warn */
  readonly log?: ((message: string) => void) | undefined
}

export class BaseReportGenerator {
  protected readonly api: Api
  readonly #log: (message: string) => void

  constructor(api: Api, { log = (message) => console.warn(message) }: ReportOptions = {}) {
    this.api = api
    this.#log = log
  }

  /**
   * Streams of projects (`p--`), devices (`d--`) and streams (`s--`), each once, by slug. What is none of these,
   * or does not exist, is logged and left out.
   */
  async streamsOf(sources: Iterable<string | { toString(): string }>): Promise<Map<string, Stream>> {
    const streams = new Map<string, Stream>()
    for (const source of new Set(Array.from(sources, String))) {
      try {
        for await (const stream of this.#streamsOf(source)) streams.set(stream.slug, stream)
      } catch (error) {
        if (!(error instanceof HttpClientError)) throw error
        this.#log(`${source} is left out: ${error.message}`)
      }
    }
    return streams
  }

  async *#streamsOf(source: string): AsyncGenerator<Stream> {
    const kind = source.slice(0, 3)
    if (kind === 'p--') yield* this.api.stream.items({ project: source })
    else if (kind === 'd--') yield* this.api.stream.items({ device: source })
    else if (kind === 's--') yield await this.api.stream(source).get()
    else this.#log(`${source} is left out: it is no project (p--), device (d--) or stream (s--)`)
  }
}
