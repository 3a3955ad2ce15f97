import { SlugError } from '../errors.ts'
import { type ProjectSlug, readProject } from './project-slug.ts'
import { Slug } from './slug.ts'
import { fits, formatTerm, readTerm, type SlugId, splitNumber, type WideId } from './slug-grammar.ts'

const NAME = 'IOTileVariableSlug'

/** What a variable is called: its project and its 16-bit local id there. */
export interface VariableTerms {
  readonly project: number
  readonly lid: number
}

/** `v--0000-0077--5001`. */
export function formatVariableSlug({ project, lid }: VariableTerms): string {
  return `v--${formatTerm(project, 2)}--${formatTerm(lid, 1)}`
}

/**
 * The project and local id of a variable. A whole `v--` text brings its own project; else `project` counts.
 * As a number a local id starts at 1; a text may say 0, so that every variable slug of 16 bits can be read.
 * @throws {SlugError} not a variable.
 */
export function readVariable(id: unknown, project: unknown = 0): VariableTerms {
  const source = id instanceof VariableSlug ? id.toString() : id
  if (typeof source === 'string') {
    if (!source.includes('--')) return { project: readProject(project), lid: readLid(readTerm(source)) }
    const [letter, projectTerm, lidTerm, ...more] = source.split('--')
    if (letter !== 'v') throw new SlugError(`${NAME}: must start with a "v"`)
    if (lidTerm === undefined || more.length > 0) {
      throw new SlugError(`${NAME}: Expected format: v--xxxx-xxxx--xxxx`)
    }
    return { project: readProject(projectTerm), lid: readLid(readTerm(lidTerm)) }
  }
  const number = splitNumber(source)
  if (!number) throw new SlugError(`${NAME}: ID must be int or str`)
  const lid = readLid(number)
  if (lid === 0) throw lidRange()
  return { project: readProject(project), lid }
}

function readLid(id: WideId): number {
  if (!fits(id, 16)) throw lidRange()
  return id.low
}

function lidRange(): SlugError {
  return new SlugError(`${NAME}: UUID should be greater than zero`)
}

/** `v--pppp-pppp--vvvv`, from a local id and a project, from a whole text, or from another variable slug. */
export class VariableSlug extends Slug {
  readonly #lid: number

  /** @throws {SlugError} not a variable. */
  constructor(id: SlugId | VariableSlug, project: SlugId | ProjectSlug = 0) {
    const terms = readVariable(id, project)
    super(formatVariableSlug(terms))
    this.#lid = terms.lid
  }

  /** The local id as four hexadecimal digits. */
  formattedLocalId(): string {
    return formatTerm(this.#lid, 1)
  }
}
