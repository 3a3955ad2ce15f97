/** One address of the API and what can be done there; every name behind it is another address. */

import { readAnswerBody } from './answer-body.ts'
import type { Connection, Outgoing } from './connection.ts'
import { HttpClientError, HttpServerError, refusalOf } from './http-errors.ts'
import { type Parameters, resourceUrl, type Segment, withParameters } from './parameters.ts'
import { type FileSource, type FormFields, uploadForm } from './upload-form.ts'

const JSON_TYPE = { 'Content-Type': 'application/json' }
/** No upload is taken for stuck while it goes faster than this. */
const UPLOAD_BYTES_PER_MS = 16

/** A page of a list, as the server sends it. */
export interface Page<Item> {
  readonly count: number
  readonly next: string | null
  readonly previous: string | null
  readonly results: readonly Item[]
}

export class Resource {
  readonly #connection: Connection
  readonly #path: readonly Segment[]

  constructor(connection: Connection, path: readonly Segment[]) {
    this.#connection = connection
    this.#path = path
  }

  /** The whole address. */
  url(parameters?: Parameters): string {
    return withParameters(resourceUrl(this.#connection.domain, this.#path), parameters)
  }

  toString(): string {
    return this.url()
  }

  /** The address with more parts behind it. */
  at(...path: readonly Segment[]): Resource {
    return new Resource(this.#connection, [...this.#path, ...path])
  }

  get(parameters?: Parameters): Promise<unknown> {
    return this.#ask('GET', undefined, parameters)
  }

  post(data?: unknown, parameters?: Parameters): Promise<unknown> {
    return this.#ask('POST', data, parameters)
  }

  put(data?: unknown, parameters?: Parameters): Promise<unknown> {
    return this.#ask('PUT', data, parameters)
  }

  patch(data?: unknown, parameters?: Parameters): Promise<unknown> {
    return this.#ask('PATCH', data, parameters)
  }

  /** False when the server says no. @throws {RestBaseException} it says nothing. */
  async delete(data?: unknown, parameters?: Parameters): Promise<boolean> {
    try {
      await this.#ask('DELETE', data, parameters)
      return true
    } catch (error) {
      if (error instanceof HttpClientError || error instanceof HttpServerError) return false
      throw error
    }
  }

  /** Sends a file by its path, in Node. @throws {TypeError} in a browser. */
  async uploadFile(path: string, fields?: FormFields, parameters?: Parameters): Promise<unknown> {
    const { openFile } = await import('#platform')
    return this.uploadFp(await openFile(path), fields, parameters)
  }

  /** Sends a file from memory, a stream or whatever yields bytes. Streams are not held in memory. */
  async uploadFp(source: FileSource, fields?: FormFields, parameters?: Parameters): Promise<unknown> {
    const { body, contentType, sizeBytes } = uploadForm(source, { fields })
    return this.#send({
      method: 'POST',
      url: this.url(parameters),
      headers: {
        ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
        ...this.#connection.authorization,
      },
      body,
      extraMs: sizeBytes / UPLOAD_BYTES_PER_MS,
    })
  }

  /** The pages of a list, one after the other; each is asked for when the one before it has been used. */
  async *pages(parameters: Parameters = {}): AsyncGenerator<Page<unknown>> {
    const first = Number(parameters.page ?? 1)
    for (let number = first; ; number++) {
      const page = (await this.get({ ...parameters, page: number === 1 ? undefined : number })) as
        | Partial<Page<unknown>>
        | undefined
      // What is no page ends the list: asking on would never end.
      if (!Array.isArray(page?.results)) return
      yield page as Page<unknown>
      if (page.next === null || page.next === undefined || page.results.length === 0) return
    }
  }

  /** Everything on all pages of a list. */
  async *items(parameters?: Parameters): AsyncGenerator<unknown> {
    for await (const page of this.pages(parameters)) yield* page.results
  }

  #ask(method: Outgoing['method'], data: unknown, parameters: Parameters | undefined): Promise<unknown> {
    return this.#send({
      method,
      url: this.url(parameters),
      headers: { ...JSON_TYPE, ...this.#connection.authorization },
      body: data === undefined ? undefined : JSON.stringify(data),
    })
  }

  async #send(outgoing: Outgoing): Promise<unknown> {
    const { response, content } = await this.#connection.send(outgoing)
    if (response.status >= 400) throw refusalOf(response, outgoing.url, content)
    return readAnswerBody(response, content)
  }
}
