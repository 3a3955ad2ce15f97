/** What can be asked at an address, with the shapes that go there and come back. */
import type { Parameters, Segment } from './parameters.ts'
import type { Page } from './resource.ts'
import type { FileSource, FormFields } from './upload-form.ts'

/** Fields to write: any of those that are read, and others that are only written. */
export type Fields<Shape> = { readonly [Name in keyof Shape]?: Shape[Name] | undefined } & {
  readonly [name: string]: unknown
}

/**
 * One address. Every method but `delete` fails with an `HttpClientError` or `HttpServerError` when the server
 * says no, and all fail with a `RestBaseException` when there is no answer. A body that is no JSON is handed
 * out as bytes.
 */
export interface Endpoint<Shape = unknown, New = unknown, Created = Shape, Change = Fields<Shape>> {
  /** The whole address. */
  url(parameters?: Parameters): string
  toString(): string
  get(parameters?: Parameters): Promise<Shape>
  post(data?: New, parameters?: Parameters): Promise<Created>
  put(data?: Change, parameters?: Parameters): Promise<Shape>
  patch(data?: Change, parameters?: Parameters): Promise<Shape>
  /** False when the server says no. */
  delete(data?: unknown, parameters?: Parameters): Promise<boolean>
  /** Sends a file by its path, as the part `file` of a form. Node only. */
  uploadFile(path: string, fields?: FormFields, parameters?: Parameters): Promise<Created>
  /** Sends bytes, a Blob, or whatever yields bytes while it is sent. */
  uploadFp(source: FileSource, fields?: FormFields, parameters?: Parameters): Promise<Created>
}

/** A list in pages. */
export interface List<Item, New = Fields<Item>, Created = Item> extends Endpoint<Page<Item>, New, Created> {
  /** The pages, each asked for when the one before it has been used. */
  pages(parameters?: Parameters): AsyncGenerator<Page<Item>>
  /** Everything on all pages. */
  items(parameters?: Parameters): AsyncGenerator<Item>
}

/** A list whose items have addresses of their own: `api.device('d--0001')`. */
export interface Collection<Item, Parts = object, New = Fields<Item>, Created = Item>
  extends List<Item, New, Created> {
  (id: Segment): Endpoint<Item> & Parts
}

/** An address of which nothing is known; called with more parts, the address behind it. */
export interface AnyResource extends Endpoint, Pick<List<unknown>, 'pages' | 'items'> {
  (...path: readonly Segment[]): AnyResource
}
