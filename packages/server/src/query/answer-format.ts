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

/**
 * The bytes of an answer, in blocks of about 64 KiB. Other work gets its turn between two blocks, however
 * fast they are taken.
 */
export async function* renderAnswer(
  answer: QueryAnswer,
  format: AnswerFormatName,
): AsyncGenerator<Uint8Array> {
  let isFirst = true
  for await (const block of ANSWER_FORMATS[format].render(answer)) {
    if (!isFirst) await nextTurn()
    isFirst = false
    if (block.length > 0) yield block
  }
}
