/**
 * The document of a dictionary report, from msgpack or JSON to plain values. Nothing of it decides what is made:
 * maps that stand for a date or a decimal become a text or a number, and no other class is known.
 */
import { DecodeError, Decoder } from '@msgpack/msgpack'
import { InvalidError } from '../../errors.ts'
import { checkMsgpackShape } from './msgpack-shape.ts'

/** The deepest documents of events have a few levels. */
const DEPTH_MAX = 32

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws {InvalidError} no msgpack, or more of it than a report has. */
export function readMsgpackDocument(bytes: Uint8Array): unknown {
  checkMsgpackShape(bytes, DEPTH_MAX)
  try {
    return plainOf(new Decoder({ mapKeyConverter: keyOf }).decode(bytes), DEPTH_MAX)
  } catch (error) {
    if (error instanceof DecodeError || error instanceof RangeError) {
      throw new InvalidError(`The report cannot be read as msgpack: ${error.message}`)
    }
    throw error
  }
}

/** @throws {InvalidError} no JSON, or deeper than a report is. */
export function readJsonDocument(bytes: Uint8Array): unknown {
  return plainOf(parseJson(textOf(bytes)), DEPTH_MAX)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidError(`The report cannot be read as JSON: ${(error as Error).message}`)
  }
}

/** Old writers have keys and texts as bytes. */
function keyOf(key: unknown): string | number {
  if (typeof key === 'string' || typeof key === 'number') return key
  if (key instanceof Uint8Array) return textOf(key)
  throw new InvalidError('The report has a key that is no text')
}

function plainOf(value: unknown, levelsLeft: number): unknown {
  if (value instanceof Uint8Array) return textOf(value)
  if (typeof value !== 'object' || value === null) return value
  if (levelsLeft === 0) throw new InvalidError(`The report is more than ${DEPTH_MAX} levels deep`)
  if (Array.isArray(value)) return value.map((item) => plainOf(item, levelsLeft - 1))
  const entries = Object.entries(value).map(([key, item]) => [key, plainOf(item, levelsLeft - 1)] as const)
  const map = Object.fromEntries(entries)
  return Object.hasOwn(map, '__class__') ? valueOfClass(map) : map
}

/** @throws {InvalidError} another class than the four that reports may name. */
function valueOfClass({ __class__: name, as_str: text }: Record<string, unknown>): unknown {
  if (typeof text !== 'string') throw new InvalidError('The report has a __class__ without as_str')
  switch (name) {
    case 'datetime':
    case 'date':
    case 'time':
      return text
    case 'decimal': {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      if (!Number.isFinite(value))
        throw new InvalidError(`The report has the decimal "${text}", which is none`)
      return value
    }
    default:
      throw new InvalidError('The report has a __class__ other than datetime, date, time and decimal')
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new InvalidError('The report has a text that is not UTF-8')
  }
}
