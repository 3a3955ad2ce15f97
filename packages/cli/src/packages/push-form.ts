/** Files as the form of an upload, which is made while it is sent. */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import type { Failure } from '../failure.ts'
import { unreadable } from './hash-file.ts'

export interface PushedFile {
  readonly path: string
  /** Under which it is published. */
  readonly name: string
}

export class PushForm {
  readonly #files: readonly PushedFile[]
  readonly #boundary = `sonde-${randomUUID()}`
  #open: ReadStream | undefined
  #isStopped = false
  #failure: Failure | undefined
  /** Hex, of the files that have been sent whole, in their order. */
  readonly sha256: string[] = []
  /** Of files that were sent so far. */
  byteCount = 0

  constructor(files: readonly PushedFile[]) {
    this.#files = files
  }

  get contentType(): string {
    return `multipart/form-data; boundary=${this.#boundary}`
  }

  /** Why a file could not be read, of which a request tells that it failed. */
  get failure(): Failure | undefined {
    return this.#isStopped ? undefined : this.#failure
  }

  /** @throws {Failure} a file cannot be read. */
  async *chunks(onChunk: (name: string) => void): AsyncGenerator<Uint8Array> {
    yield this.#head('name="json"')
    // Package and tag are in the address.
    yield Buffer.from('{}\r\n')
    for (const { path, name } of this.#files) {
      yield this.#head(`name="file"; filename="${quoted(name)}"`)
      const hash = createHash('sha256')
      this.#open = createReadStream(path)
      try {
        for await (const chunk of this.#open as AsyncIterable<Uint8Array>) {
          hash.update(chunk)
          this.byteCount += chunk.length
          onChunk(name)
          yield chunk
        }
      } catch (error) {
        this.#failure = unreadable(path, error)
        throw this.#failure
      }
      // A file that ends because nobody wants it any more is not whole.
      if (this.#isStopped) return
      this.sha256.push(hash.digest('hex'))
      yield Buffer.from('\r\n')
    }
    yield Buffer.from(`--${this.#boundary}--\r\n`)
  }

  /** A request that has failed goes on taking its body otherwise, to the end of the files. */
  stop(): void {
    this.#isStopped = true
    this.#open?.destroy()
  }

  #head(disposition: string): Uint8Array {
    return Buffer.from(`--${this.#boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`)
  }
}

/** As browsers write it: nothing in a name ends the text that it stands in. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
