/** Objects by what an address calls them, in any accepted form. */
import { canonicalSlug, parseSlug } from '../slugs/parse-slug.ts'
import { notFound } from './mock-http.ts'
import type { MockObject } from './mock-state.ts'

/** @throws {Refusal} 404: there is none. */
export function find(map: ReadonlyMap<string, MockObject>, name: string): MockObject {
  const object = map.get(name) ?? map.get(canonicalSlug(name) ?? name)
  if (object === undefined) throw notFound()
  return object
}

/** A project by UUID or slug. */
export function findProject(projects: ReadonlyMap<string, MockObject>, name: string): MockObject | undefined {
  const slug = canonicalSlug(name) ?? name
  return projects.get(name) ?? Array.from(projects.values()).find((project) => project.slug === slug)
}

/** Whether a field holds what a filter asks for; slugs in any accepted form. */
export function isSame(value: unknown, wished: string | null): boolean {
  return wished === null || value === wished || value === (canonicalSlug(wished) ?? wished)
}

/** Whether a stream belongs to what a filter names: a stream, device, block, variable or project. */
export function isWithin(streamSlug: string, filter: string): boolean {
  const stream = parseSlug(streamSlug)
  const wished = parseSlug(filter)
  if (stream?.kind !== 'stream' || wished === undefined) return false
  switch (wished.kind) {
    case 'stream':
      return streamSlug === canonicalSlug(filter)
    case 'device':
      return stream.block === 0 && stream.device === wished.device
    case 'block':
      return stream.block === wished.block && stream.device === wished.device
    case 'variable':
      return stream.project === wished.project && stream.lid === wished.lid
    case 'project':
      return stream.project === wished.project
    case 'fleet':
    case 'streamer':
      return false
  }
}
