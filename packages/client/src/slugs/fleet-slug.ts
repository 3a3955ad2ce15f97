import { SlugError } from '../errors.ts'
import { Slug } from './slug.ts'
import { fits, formatTerm, readId, type SlugId } from './slug-grammar.ts'

const NAME = 'IOTileFleetSlug'

/** `g--0000-0000-0001`; 48 bits. */
export function formatFleetSlug(fleet: number): string {
  return `g--${formatTerm(fleet, 3)}`
}

function readFleet(fleet: unknown): number {
  const id = readId(fleet instanceof FleetSlug ? fleet.toString() : fleet, { name: NAME, letter: 'g' })
  if (fits(id, 48)) return id.low
  throw new SlugError(`${NAME}: UUID should be greater than zero and less than 16^12`)
}

/** `g--gggg-gggg-gggg`, from a number, a text, or another fleet slug. */
export class FleetSlug extends Slug {
  readonly #fleet: number

  /** @throws {SlugError} not a fleet. */
  constructor(id: SlugId | FleetSlug) {
    const fleet = readFleet(id)
    super(formatFleetSlug(fleet))
    this.#fleet = fleet
  }

  override getId(): number {
    return this.#fleet
  }
}
