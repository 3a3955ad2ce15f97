/** Answers that come one JSON object a line while the server works. */
import { Failure } from './failure.ts'

export interface ServerEvent {
  readonly event: string
  /** Of the event `error`. */
  readonly message?: string
}

/** What the imports of a server tell; each kind has the fields of its own. */
export interface ImportEvent extends ServerEvent {
  readonly text?: string
  readonly reason?: string
  readonly line?: number
  readonly lines?: number
  readonly rows?: number
  readonly points?: number
  readonly rejected?: number
}

/**
 * Calls `onEvent` with each event up to the last one, which it resolves to.
 * @throws {Failure} the work failed, in the server's words, or the connection broke.
 */
export async function readEvents<Event extends ServerEvent = ImportEvent>(
  response: Response,
  onEvent: (event: Event) => void,
): Promise<Event> {
  for await (const line of readLines(response)) {
    const event: Event = JSON.parse(line)
    if (event.event === 'error') throw new Failure(event.message ?? 'The server gives no reason')
    if (event.event === 'done') return event
    onEvent(event)
  }
  throw new Failure('The connection to the server was lost; look into its log')
}

/** @throws {Failure} the connection broke. */
export async function* readLines(response: Response): AsyncGenerator<string> {
  if (response.body === null) return
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of response.body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    if (error instanceof TypeError)
      throw new Failure('The connection to the server was lost; look into its log')
    throw error
  }
  if (rest !== '') yield rest
}
