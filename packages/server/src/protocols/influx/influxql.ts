/** The few statements that clients send to `/query` before they write; it is no query language here. */
import { InvalidError } from '../../errors.ts'

export type Statement =
  | { readonly kind: 'show_databases' }
  | { readonly kind: 'show_retention_policies' }
  | { readonly kind: 'show_measurements'; readonly database: string | undefined }
  | { readonly kind: 'create_database'; readonly database: string }

/** More than any client sends at once; each may make a project. */
const STATEMENTS_MAX = 100
const QUERY_CHARS_MAX = 8_192
const QUOTED_CHARS_MAX = 100

const NAME = String.raw`("(?:[^"\\]|\\.)*"|[^\s";]+)`
const PATTERNS = {
  show_databases: /^show\s+databases$/i,
  show_retention_policies: new RegExp(String.raw`^show\s+retention\s+policies(?:\s+on\s+${NAME})?$`, 'i'),
  show_measurements: new RegExp(String.raw`^show\s+measurements(?:\s+on\s+${NAME})?$`, 'i'),
  create_database: new RegExp(String.raw`^create\s+database\s+${NAME}(?:\s+with\s.*)?$`, 'is'),
} as const

/**
 * Reads statements separated by semicolons.
 * @throws {InvalidError} one that is not answered here; the message says where points can be read.
 */
export function parseStatements(text: string): Statement[] {
  if (text.length > QUERY_CHARS_MAX) throw new InvalidError('the query is too long')
  const parts = (text.match(/(?:"(?:[^"\\]|\\.)*"|[^;])+/g) ?? []).map((part) => part.trim())
  const statements = parts.filter((part) => part !== '')
  if (statements.length === 0) throw new InvalidError('missing required parameter "q"')
  if (statements.length > STATEMENTS_MAX) throw new InvalidError('too many statements at once')
  return statements.map(parseStatement)
}

function parseStatement(text: string): Statement {
  if (PATTERNS.show_databases.test(text)) return { kind: 'show_databases' }
  if (PATTERNS.show_retention_policies.test(text)) return { kind: 'show_retention_policies' }
  const measurements = PATTERNS.show_measurements.exec(text)
  if (measurements !== null) return { kind: 'show_measurements', database: nameOf(measurements[1]) }
  const database = nameOf(PATTERNS.create_database.exec(text)?.[1])
  if (database !== undefined) return { kind: 'create_database', database }
  const shown = text.length <= QUOTED_CHARS_MAX ? text : `${text.slice(0, QUOTED_CHARS_MAX)}…`
  throw new InvalidError(`InfluxQL is not answered here: ${shown}. Points are read at /api/v1/query/`)
}

function nameOf(text: string | undefined): string | undefined {
  return text?.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
}
