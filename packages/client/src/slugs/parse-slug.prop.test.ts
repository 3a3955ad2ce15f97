import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SlugError } from '../errors.ts'
import { BlockSlug } from './block-slug.ts'
import { DeviceSlug } from './device-slug.ts'
import { FleetSlug } from './fleet-slug.ts'
import { canonicalSlug, formatSlug, type ParsedSlug, parseSlug } from './parse-slug.ts'
import { ProjectSlug } from './project-slug.ts'
import { StreamSlug } from './stream-slug.ts'
import { StreamerSlug } from './streamer-slug.ts'
import { VariableSlug } from './variable-slug.ts'

const short = fc.integer({ min: 0, max: 2 ** 16 - 1 })
const project = fc.oneof(short, fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const device = fc.oneof(
  short,
  fc.maxSafeNat().map((id) => id % 2 ** 48),
  fc.constant(2 ** 48 - 1),
)

const slug: fc.Arbitrary<ParsedSlug> = fc.oneof(
  fc.record({ kind: fc.constant('project' as const), project }),
  fc.record({ kind: fc.constant('device' as const), device }),
  fc
    .record({ kind: fc.constant('block' as const), block: short, device })
    .filter((id) => id.block > 0 || id.device > 0),
  fc.record({ kind: fc.constant('fleet' as const), fleet: device }),
  fc.record({ kind: fc.constant('streamer' as const), device, index: short }),
  fc.record({ kind: fc.constant('variable' as const), project, lid: short }),
  fc.record({ kind: fc.constant('stream' as const), project, block: short, device, lid: short }),
)

/** Texts that come near to slugs: the right letters and digits in any arrangement, and whole slugs cut about. */
const pieces = fc.constantFrom(
  'p',
  'd',
  'b',
  'g',
  't',
  'v',
  's',
  '--',
  '-',
  '0000',
  '00D2',
  '1',
  'ffff',
  '0x',
  'g ',
)
const nearly = fc.array(pieces, { maxLength: 16 }).map((list) => list.join(''))
const cut = fc
  .tuple(slug, fc.nat(), fc.nat(2), fc.constantFrom('', '-', '0', 'A', 'x'))
  .map(([id, at, removed, put]) => {
    const text = formatSlug(id)
    const from = at % text.length
    return text.slice(0, from) + put + text.slice(from + removed)
  })
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), nearly, cut)

const CLASSES = {
  p: ProjectSlug,
  d: DeviceSlug,
  b: BlockSlug,
  g: FleetSlug,
  t: StreamerSlug,
  v: VariableSlug,
  s: StreamSlug,
} as const

it('reads back every slug that it writes', () => {
  fc.assert(
    fc.property(slug, (id) => {
      expect(parseSlug(formatSlug(id))).toEqual(id)
    }),
    { numRuns: 2_000 },
  )
})

it('reads a slug alike without its zeros, and in capitals', () => {
  fc.assert(
    fc.property(slug, (id) => {
      const [letter, ...terms] = formatSlug(id).split('--')
      // A data block needs all of its groups, so it only loses zeros of the first.
      const unpadded = terms.map((term) => term.replace(id.kind === 'block' ? /^0{1,3}/ : /^[0-]+(?!$)/, ''))
      expect(parseSlug([letter, ...unpadded].join('--').toUpperCase().replace(/^./, letter))).toEqual(id)
    }),
    { numRuns: 2_000 },
  )
})

it('never throws, and writing the canonical text again changes nothing', () => {
  fc.assert(
    fc.property(text, (any) => {
      const once = canonicalSlug(any)
      if (once !== undefined) expect(canonicalSlug(once)).toBe(once)
      expect(parseSlug(any) === undefined).toBe(once === undefined)
    }),
    { numRuns: 5_000 },
  )
})

it('agrees with the classes about every text that begins with a letter of theirs', () => {
  const lettered = text.filter((any) => /^[pdbgtvs]--/.test(any))
  fc.assert(
    fc.property(lettered, (any) => {
      expect(canonicalSlug(any)).toBe(canonicalOfClass(any))
    }),
    { numRuns: 2_000 },
  )
})

function canonicalOfClass(any: string): string | undefined {
  try {
    const read = new CLASSES[any[0] as keyof typeof CLASSES](any)
    // A class keeps the letter it was given; parsing calls a device of 64 bits the data block that it is.
    if (read instanceof DeviceSlug && !read.formattedId().startsWith('0000'))
      return `b--${read.formattedId()}`
    return read.toString()
  } catch (error) {
    expect(error).toBeInstanceOf(SlugError)
    return undefined
  }
}
