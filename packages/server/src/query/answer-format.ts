/** The formats of a query answer: how to ask for one, and how its bytes come about. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { InvalidError } from '../errors.ts'
import type { QueryAnswer } from './query-answer.ts'
import { renderCsv } from './render-csv.ts'
import { renderJson } from './render-json.ts'
import { renderNdjson } from './render-ndjson.ts'

export interface AnswerFormat {
  readonly contentType: string
  readonly render: (answer: QueryAnswer) => AsyncIterable<Uint8Array>
}

export const ANSWER_FORMATS = {
  json: { contentType: 'application/json; charset=utf-8', render: renderJson },
  csv: { contentType: 'text/csv; charset=utf-8; header=present', render: renderCsv },
  ndjson: { contentType: 'application/x-ndjson; charset=utf-8', render: renderNdjson },
} as const satisfies Record<string, AnswerFormat>

export type AnswerFormatName = keyof typeof ANSWER_FORMATS

/**
 * Reads `format`; absent or empty it is JSON.
 * @throws {InvalidError} on `format`.
 */
export function parseFormat(text: string | undefined): AnswerFormatName {
  const name = text || 'json'
  if (!Object.hasOwn(ANSWER_FORMATS, name)) {
    throw InvalidError.field('format', `must be one of ${Object.keys(ANSWER_FORMATS).join(', ')}`)
  }
  return name as AnswerFormatName
}

/** Work of an answer that may run before other work gets its turn. */
const TURN_MS = 4

/**
 * The bytes of an answer, in blocks of about 64 KiB, none of them empty. Other work gets its turn between
 * blocks every few milliseconds, however fast they are taken.
 */
export async function* renderAnswer(
  answer: QueryAnswer,
  format: AnswerFormatName,
  nowMs: () => number = () => performance.now(),
): AsyncGenerator<Uint8Array> {
  let turnMs = nowMs()
  for await (const block of ANSWER_FORMATS[format].render(answer)) {
    if (block.length > 0) yield block
    if (nowMs() - turnMs < TURN_MS) continue
    await nextTurn()
    turnMs = nowMs()
  }
}

/** Up to here an answer is sent in one piece, and its length with it. */
const WHOLE_BYTES_MAX = 524_288
/** Up to here as a text, which goes out in one write with the headers. */
const TEXT_BYTES_MAX = 4_096

/** An answer as one piece when it is short, and otherwise as blocks that are found as they are taken. */
export async function wholeOrBlocks(
  blocks: AsyncGenerator<Uint8Array>,
): Promise<string | Uint8Array | AsyncGenerator<Uint8Array>> {
  const first: Uint8Array[] = []
  let sizeBytes = 0
  while (sizeBytes < WHOLE_BYTES_MAX) {
    const { done, value } = await blocks.next()
    if (done) {
      const whole =
        first.length === 1
          ? Buffer.from(first[0].buffer, first[0].byteOffset, sizeBytes)
          : Buffer.concat(first)
      return sizeBytes <= TEXT_BYTES_MAX ? whole.toString() : whole
    }
    first.push(value)
    sizeBytes += value.length
  }
  return withFirst(first, blocks)
}

async function* withFirst(
  first: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first
  yield* rest
}
