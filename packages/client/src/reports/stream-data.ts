/** All points of a list that comes in pages, gathered in `data`. For many points, `api.queryRows` holds fewer. */
import type { Api } from '../api/api.ts'
import type { List } from '../api/endpoint.ts'
import type { Parameters, Segment } from '../api/parameters.ts'
import type { Page } from '../api/resource.ts'
import type { Point, StreamPoint } from '../resources/point.ts'

class PagedData<Item> {
  readonly #list: Pick<List<Item>, 'pages'>
  /** What the last `initializeFromServer` has read. */
  data: Item[] = []

  constructor(list: Pick<List<Item>, 'pages'>) {
    this.#list = list
  }

  /** Reads all pages anew. Every keyword becomes a query parameter: `start`, `end`, `lastn`, `page_size` … */
  async initializeFromServer(parameters?: Parameters): Promise<void> {
    this.data = []
    for await (const page of this.pages(parameters)) for (const item of page.results) this.data.push(item)
  }

  /** The pages, without keeping them. */
  pages(parameters?: Parameters): AsyncGenerator<Page<Item>> {
    return this.#list.pages(parameters)
  }
}

/** Points of one stream, with output values: `stream/<slug>/data/`. */
export class StreamData extends PagedData<StreamPoint> {
  readonly streamSlug: string

  constructor(streamSlug: Segment, api: Pick<Api, 'stream'>) {
    super(api.stream(streamSlug).data)
    this.streamSlug = String(streamSlug)
  }
}

/** Points of whatever `filter` names: `data/`. */
export class RawData extends PagedData<Point> {
  constructor(api: Pick<Api, 'data'>) {
    super(api.data)
  }
}
