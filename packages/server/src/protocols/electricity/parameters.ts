/**
 * Parameters of a data request. They come from the query string, a JSON body or a form body; where one is
 * given in several places the first of these counts. A name that the address does not know is refused.
 */
import { InvalidError } from '../../errors.ts'

/** As they came in; the body is the text of a GET's body, undefined when there is none. */
export interface ParameterSources {
  readonly url: string
  readonly contentType: string | undefined
  readonly body: string | undefined
}

export type Parameters = ReadonlyMap<string, string>

/** @throws {InvalidError} an unknown or repeated name, a value that is no text, or a body that is no object. */
export function readParameters(sources: ParameterSources, known: readonly string[]): Parameters {
  const merged = new Map<string, string>()
  for (const parameters of [readQuery(sources.url), readBody(sources)]) {
    for (const [name, value] of parameters) {
      if (!known.includes(name)) throw new InvalidError(`Unknown parameter ${quote(name)}`)
      if (!merged.has(name)) merged.set(name, value)
    }
  }
  return merged
}

/** The same for every request that means the same: names in order, whatever source they came from. */
export function answerKey(path: string, parameters: Parameters): string {
  return JSON.stringify([path, ...[...parameters].sort(([a], [b]) => (a < b ? -1 : 1))])
}

function readQuery(url: string): Parameters {
  const start = url.indexOf('?')
  return start === -1 ? new Map() : readPairs(url.slice(start + 1))
}

function readBody({ contentType = '', body = '' }: ParameterSources): Parameters {
  const mediaType = contentType.split(';', 1)[0].trim().toLowerCase()
  if (/^application\/(?:json|.+\+json)$/.test(mediaType)) return readJson(body)
  return mediaType === 'application/x-www-form-urlencoded' ? readPairs(body) : new Map()
}

/** A `%` without two hex digits behind it stays as it is: clients send `12:%` unencoded. */
function readPairs(text: string): Parameters {
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (parameters.has(name)) throw new InvalidError(`Parameter ${quote(name)} is given twice`)
    parameters.set(name, value)
  }
  return parameters
}

/** Some clients announce JSON and send nothing. Null counts as left out. */
function readJson(text: string): Parameters {
  const parameters = new Map<string, string>()
  if (text.trim() === '') return parameters
  for (const [name, value] of Object.entries(parseObject(text))) {
    if (value === null) continue
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new InvalidError(`Parameter ${quote(name)} must be a text`)
    }
    parameters.set(name, String(value))
  }
  return parameters
}

function parseObject(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidError('The body is not valid JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidError('The body must be a JSON object')
  }
  return value
}

function quote(name: string): string {
  return JSON.stringify(name.slice(0, 40))
}
