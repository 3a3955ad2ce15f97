/**
 * Slugs as data, for code that meets many of them and expects wrong ones: reading never throws, and a wrong
 * text costs no more than a right one. What a class reads with its letter is read here too, and means the same.
 */
import { formatBlockSlug, isBlockTerm } from './block-slug.ts'
import { formatDeviceSlug } from './device-slug.ts'
import { formatFleetSlug } from './fleet-slug.ts'
import { formatProjectSlug } from './project-slug.ts'
import { type DeviceTerm, fits, parseTerm, type WideId } from './slug-grammar.ts'
import { formatStreamSlug, type StreamTerms } from './stream-slug.ts'
import { formatStreamerSlug, type StreamerTerms } from './streamer-slug.ts'
import { formatVariableSlug, type VariableTerms } from './variable-slug.ts'

/** A slug as numbers: projects of 32 bits, devices and fleets of 48, all others of 16. */
export type ParsedSlug =
  | { readonly kind: 'project'; readonly project: number }
  | { readonly kind: 'device'; readonly device: number }
  | ({ readonly kind: 'block' } & DeviceTerm)
  | { readonly kind: 'fleet'; readonly fleet: number }
  | ({ readonly kind: 'streamer' } & StreamerTerms)
  | ({ readonly kind: 'variable' } & VariableTerms)
  | ({ readonly kind: 'stream' } & StreamTerms)

/** One more than any slug has; it bounds what a text of nothing but dashes can cost. */
const PARTS_MAX = 5

/**
 * Reads a slug of any kind from arbitrary text. Groups and zeros may be left out on the left
 * (`s--0077--00d2--5001`). A device of 64 bits is what it stands for, a data block.
 * @returns undefined when the text is no slug.
 */
export function parseSlug(text: string): ParsedSlug | undefined {
  const [letter, ...terms] = text.split('--', PARTS_MAX)
  switch (letter) {
    case 'p':
      return terms.length === 1 ? parseProject(terms[0]) : undefined
    case 'd':
      return terms.length === 1 ? parseDevice(terms[0]) : undefined
    case 'b':
      return terms.length === 1 ? parseBlock(terms[0]) : undefined
    case 'g':
      return terms.length === 1 ? parseFleet(terms[0]) : undefined
    case 't':
      return terms.length === 2 ? parseStreamer(terms[0], terms[1]) : undefined
    case 'v':
      return terms.length === 2 ? parseVariable(terms[0], terms[1]) : undefined
    case 's':
      return terms.length === 3 ? parseStream(terms[0], terms[1], terms[2]) : undefined
    default:
      return undefined
  }
}

/** The text of a slug: padded and lower case. */
export function formatSlug(slug: ParsedSlug): string {
  switch (slug.kind) {
    case 'project':
      return formatProjectSlug(slug.project)
    case 'device':
      return formatDeviceSlug(slug.device)
    case 'block':
      return formatBlockSlug(slug)
    case 'fleet':
      return formatFleetSlug(slug.fleet)
    case 'streamer':
      return formatStreamerSlug(slug)
    case 'variable':
      return formatVariableSlug(slug)
    case 'stream':
      return formatStreamSlug(slug)
  }
}

/** The one text under which a slug is looked up, however it was written; undefined when it is no slug. */
export function canonicalSlug(text: string): string | undefined {
  const slug = parseSlug(text)
  return slug && formatSlug(slug)
}

function parseProject(term: string): ParsedSlug | undefined {
  const project = parseBits(term, 32)
  return project === undefined ? undefined : { kind: 'project', project }
}

function parseDevice(term: string): ParsedSlug | undefined {
  const id = parseWide(term)
  if (!id) return undefined
  return id.high === 0
    ? { kind: 'device', device: id.low }
    : { kind: 'block', block: id.high, device: id.low }
}

function parseBlock(term: string): ParsedSlug | undefined {
  const id = parseWide(term)
  if (!id || (id.high === 0 && id.low === 0) || !isBlockTerm(term)) return undefined
  return { kind: 'block', block: id.high, device: id.low }
}

function parseFleet(term: string): ParsedSlug | undefined {
  const fleet = parseBits(term, 48)
  return fleet === undefined ? undefined : { kind: 'fleet', fleet }
}

function parseStreamer(deviceTerm: string, indexTerm: string): ParsedSlug | undefined {
  const device = parseBits(deviceTerm, 48)
  const index = parseBits(indexTerm, 16)
  return device === undefined || index === undefined ? undefined : { kind: 'streamer', device, index }
}

function parseVariable(projectTerm: string, lidTerm: string): ParsedSlug | undefined {
  const project = parseBits(projectTerm, 32)
  const lid = parseBits(lidTerm, 16)
  return project === undefined || lid === undefined ? undefined : { kind: 'variable', project, lid }
}

/** Without a project or device the term is 0: the stream of no project, or a virtual one. */
function parseStream(projectTerm: string, deviceTerm: string, lidTerm: string): ParsedSlug | undefined {
  const project = parseBits(projectTerm || '0', 32)
  const id = parseWide(deviceTerm || '0')
  const lid = parseBits(lidTerm, 16)
  if (project === undefined || id === undefined || lid === undefined) return undefined
  return { kind: 'stream', project, block: id.high, device: id.low, lid }
}

function parseBits(term: string, bits: number): number | undefined {
  const id = parseTerm(term)
  return id && fits(id, bits) ? id.low : undefined
}

function parseWide(term: string): WideId | undefined {
  const id = parseTerm(term)
  return id && fits(id, 64) ? id : undefined
}
