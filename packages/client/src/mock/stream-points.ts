/** Points of a mock cloud: those that were posted, and those in files. */
import { parseSlug } from '../slugs/parse-slug.ts'
import { pointTimeUs } from '../write/point-time.ts'
import { isWithin } from './find-object.ts'
import { type Ask, Refusal } from './mock-http.ts'
import type { MockObject } from './mock-state.ts'

export type Holder = Pick<Ask, 'state' | 'folder'>

/** In the order of time. Files are read once. */
export async function pointsOf({ state, folder }: Holder, stream: string): Promise<MockObject[]> {
  const known = state.points.get(stream)
  if (known !== undefined) return known
  const read = (await folder.points(stream)) ?? []
  if (read.length > 0) state.points.set(stream, read)
  return read
}

/** Puts a point in its place; one of the same time goes. */
export function putPoint(points: MockObject[], point: MockObject): void {
  const timeUs = timeOf(point)
  const at = points.findIndex((other) => timeOf(other) >= timeUs)
  if (at < 0) points.push(point)
  else points.splice(at, timeOf(points[at]) === timeUs ? 1 : 0, point)
}

/** Slugs of the streams of a stream, device, block or variable that have points or a record. */
export async function streamsWithPoints(holder: Holder, filter: string): Promise<string[]> {
  const { state, folder } = holder
  const files = await folder.streams()
  const known = new Set([...state.streams.keys(), ...state.points.keys(), ...files])
  const found: string[] = []
  for (const slug of [...known].sort()) {
    if (isWithin(slug, filter) && (await pointsOf(holder, slug)).length > 0) found.push(slug)
  }
  return found
}

/** The points that `start`, `end` and `lastn` leave. @throws {Refusal} where `isStrict`, what makes no sense. */
export function inRange(
  points: readonly MockObject[],
  query: URLSearchParams,
  isStrict: boolean,
): MockObject[] {
  const startUs = boundOf(query, 'start', isStrict) ?? -Infinity
  const endUs = boundOf(query, 'end', isStrict) ?? Infinity
  const within = points.filter((point) => timeOf(point) >= startUs && timeOf(point) < endUs)
  const lastn = query.get('lastn')
  if (lastn === null || !/^-?\d+$/.test(lastn)) return within
  if (isStrict && Number(lastn) < 1) throw new Refusal(400, ['lastn must be greater than 0'])
  return within.slice(-Math.max(1, Number(lastn)))
}

function boundOf(query: URLSearchParams, name: string, isStrict: boolean): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  // A plus sign that was not encoded arrives as a blank.
  const timeUs = pointTimeUs(text.replace(/ (\d{2}:?\d{2})$/, '+$1'))
  if (timeUs === undefined && isStrict) throw new Refusal(400, { [name]: ['Enter a valid date/time.'] })
  return timeUs
}

function timeOf({ timestamp }: MockObject): number {
  return pointTimeUs(String(timestamp)) ?? 0
}

/** Names of what a stream belongs to, as points and events repeat them. */
export function ownersOf(stream: string): MockObject {
  const slug = parseSlug(stream)
  if (slug?.kind !== 'stream') return {}
  const [, project, device, variable] = stream.split('--')
  return {
    stream,
    project: `p--${project}`,
    device: slug.device === 0 ? null : `${slug.block === 0 ? 'd' : 'b'}--${device}`,
    variable: `v--${project}--${variable}`,
  }
}
