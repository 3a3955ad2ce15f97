/**
 * What a route does whose requests may come through the front door, without Fastify: it takes what was read of
 * the head and later the body, and gives back a whole answer. The same functions stand behind its Fastify route,
 * so that both ways answer alike.
 */
import type { Answer } from './answer.ts'
import type { HeldBytes } from './held-bytes.ts'
import type { PlainMethod } from './plain-head.ts'

/** Of a head, what such routes look at. */
export interface HotHead {
  readonly query: Readonly<Record<string, string | undefined>>
  readonly authorization: string | undefined
  /** Other headers, by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** Of the client, for rate limits. */
  readonly address: string
}

export interface HotRoute {
  /** Exactly, without the query. */
  readonly path: string
  readonly methods: readonly PlainMethod[]
  /** Longer bodies do not come through the door. */
  readonly bodyBytesMax: number
  readonly held: HeldBytes
  /** Looks at everything but the body; at once where nothing has to be waited for. @throws what `failed` makes an answer of. */
  open(head: HotHead): OpenRequest | Promise<OpenRequest>
  failed(error: unknown): Answer
}

export interface OpenRequest {
  /** Whether `open` would certainly give the same for the same head now. */
  isCurrent(): boolean
  /** The body is not changed, nor looked at when the promise is settled. @throws as `HotRoute.open`. */
  take(body: Buffer): Promise<Answer>
}
