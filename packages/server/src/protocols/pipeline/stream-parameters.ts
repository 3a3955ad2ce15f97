/** What a request to `/pipeline/stream` asks for: the checks that need nothing but the request, in their order. */
import { countCharacters } from '../../model/pins.ts'
import { RefusedRequest } from './errors.ts'

export type Parameters = Readonly<Record<string, string | undefined>>

const OPERATIONS = ['cre', 'upk', 'snd', 'rcv'] as const
export type Operation = (typeof OPERATIONS)[number]

export interface WantedOperation {
  readonly operation: Operation
  /** Ids are compared as numbers. */
  readonly number: number
  readonly key: string
}

const KEY_CHARS = 16

/** @throws {RefusedRequest} */
export function readOperation({ id, key, opt }: Parameters): WantedOperation {
  if (id === undefined) throw RefusedRequest.of('invalid')
  if (!/^[0-9]{8}$/.test(id)) throw RefusedRequest.of('id_format')
  if (key === undefined) throw RefusedRequest.of('invalid')
  checkKey(key)
  const operation = OPERATIONS.find((name) => name === opt)
  if (operation === undefined) throw RefusedRequest.of('invalid')
  return { operation, number: Number(id), key }
}

/** @throws {RefusedRequest} */
export function checkKey(key: string | undefined): asserts key is string {
  if (key === undefined || countCharacters(key) !== KEY_CHARS) throw RefusedRequest.of('key_format')
}

/** Of an object from JSON, in which numbers may stand for the values of pins; what else it holds is ignored. */
export function parametersOf(values: object): Parameters {
  const parameters: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') parameters[name] = value
    else if (typeof value === 'number') parameters[name] = String(value)
  }
  return parameters
}
