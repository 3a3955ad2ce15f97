/**
 * What the stream of a series' points holds: the id of the point or, when streams cannot hold its fields as they
 * were given (a list, a switch, a name that no variable can have), a text with the id and all fields.
 */
import { InvalidError } from '../../errors.ts'
import type { PointValue } from '../../model/point-batch.ts'

export interface Marker {
  readonly id: number
  /** JSON; left out where the fields are in streams. */
  readonly fields?: string
}

/** @throws {InvalidError} the fields are nested too deeply to be written. */
export function markerText(id: number, fields: unknown): string {
  try {
    return `${id} ${JSON.stringify(fields)}`
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidError('The fields are nested too deeply')
    throw error
  }
}

/** Undefined for what this API has not written. */
export function readMarker(value: PointValue): Marker | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? { id: value } : undefined
  const [, id, fields] = /^(\d{1,15}) (\S.*)$/s.exec(value) ?? []
  return id === undefined ? undefined : { id: Number(id), fields }
}
