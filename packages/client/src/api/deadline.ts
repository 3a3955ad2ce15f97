/** A clock that ends a request when the other side stays silent for too long. */
import { RestTimeoutError } from './http-errors.ts'

export class Deadline {
  readonly #controller = new AbortController()
  readonly #timeoutMs: number
  readonly #url: string
  readonly #given: AbortSignal | undefined
  readonly #onGivenAbort = () => this.#controller.abort(this.#given?.reason)
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Starts with a first wait of `timeoutMs` and `extraMs`; `signal` ends the request as well. */
  constructor(options: {
    timeoutMs: number
    url: string
    extraMs?: number | undefined
    signal?: AbortSignal | undefined
  }) {
    this.#timeoutMs = options.timeoutMs
    this.#url = options.url
    this.#given = options.signal
    if (this.#given?.aborted) this.#onGivenAbort()
    else this.#given?.addEventListener('abort', this.#onGivenAbort)
    this.#start(this.#timeoutMs + (options.extraMs ?? 0))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Something came or went; the wait starts anew. */
  touch(): void {
    this.#start(this.#timeoutMs)
  }

  /** Stands still until the next `touch`: it is not the other side that takes its time. */
  pause(): void {
    clearTimeout(this.#timer)
  }

  /** Stops the clock. To be called however the request ends. */
  end(): void {
    clearTimeout(this.#timer)
    this.#given?.removeEventListener('abort', this.#onGivenAbort)
  }

  /** What ended the request, where it was the clock or the caller. */
  get reason(): unknown {
    return this.#controller.signal.aborted ? this.#controller.signal.reason : undefined
  }

  /** Ends the request. */
  abort(): void {
    this.#controller.abort()
  }

  #start(waitMs: number): void {
    clearTimeout(this.#timer)
    if (!Number.isFinite(waitMs)) return
    this.#timer = setTimeout(() => {
      const message = `${this.#url} stayed silent for ${waitMs} ms`
      this.#controller.abort(new RestTimeoutError(message))
    }, waitMs)
  }
}
