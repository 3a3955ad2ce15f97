import { SlugError } from '../errors.ts'
import { DeviceSlug } from './device-slug.ts'
import { Slug } from './slug.ts'
import {
  type DeviceTerm,
  fits,
  formatDeviceTerm,
  readTerm,
  requireExact,
  type SlugId,
  splitLetter,
  splitNumber,
  type WideId,
} from './slug-grammar.ts'

const NAME = 'IOTileBlockSlug'
const GROUPS = 4

/** `b--0001-0000-0000-04e7`; 16 bits of block, 48 bits of device. */
export function formatBlockSlug(term: DeviceTerm): string {
  return `b--${formatDeviceTerm(term)}`
}

/** Whether a term spells out the group of its block; a shorter one would name the device instead. */
export function isBlockTerm(term: string): boolean {
  return term.split('-', GROUPS + 1).length === GROUPS
}

/** The halves of a data block; `block` counts when the id has none. @throws {SlugError} not a data block. */
export function readBlock(id: unknown, block: unknown = 0): DeviceTerm {
  const source = id instanceof BlockSlug || id instanceof DeviceSlug ? id.toString() : id
  const own = readBlockId(source)
  const isZero = own.high === 0 && own.low === 0
  if (isZero && typeof source === 'string') throw new SlugError(`${NAME}: UUID should be greater than zero`)
  if (isZero || !fits(own, 64)) {
    throw new SlugError(`${NAME}: UUID should be greater than zero and less than 16^16`)
  }
  requireExact(NAME, source)
  const given = splitNumber(block)
  if (!given || !fits(given, 16)) {
    throw new SlugError(`${NAME}: Block should be greater or equal than zero and less than 16^4`)
  }
  return { block: own.high === 0 ? given.low : own.high, device: own.low }
}

function readBlockId(id: unknown): WideId {
  if (typeof id === 'string') {
    const [letter, term] = splitLetter(id)
    if (letter !== undefined && letter !== 'b' && letter !== 'd') {
      throw new SlugError(`${NAME}: Slug must start with "b" or "d"`)
    }
    if (letter === 'b' && !isBlockTerm(term)) {
      throw new SlugError(`${NAME}: Expected format: b--xxxx-xxxx-xxxx-xxxx`)
    }
    return readTerm(term)
  }
  const number = splitNumber(id)
  if (!number) throw new SlugError(`${NAME}: must be an int or str`)
  return number
}

/**
 * `b--bbbb-dddd-dddd-dddd`: what a device had recorded when it was archived, from a number, a text, or the
 * slug of a block or device. The block that the id itself has wins over the one given beside it.
 */
export class BlockSlug extends Slug {
  readonly #term: DeviceTerm

  /** @throws {SlugError} not a data block. */
  constructor(id: SlugId | BlockSlug | DeviceSlug, block: number | bigint = 0) {
    const term = readBlock(id, block)
    super(formatBlockSlug(term))
    this.#term = term
  }

  /** The number of the block among those of its device. */
  getBlock(): number {
    return this.#term.block
  }

  /** The number of the device, without the block. */
  override getId(): number {
    return this.#term.device
  }
}
