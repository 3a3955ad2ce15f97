import { SlugError } from '../errors.ts'
import { Slug } from './slug.ts'
import { fits, formatTerm, readId, type SlugId } from './slug-grammar.ts'

const NAME = 'IOTileProjectSlug'

/** `p--0000-0077`; 32 bits, and 0 stands for no project. */
export function formatProjectSlug(project: number): string {
  return `p--${formatTerm(project, 2)}`
}

/** The number of a project. @throws {SlugError} not a project. */
export function readProject(project: unknown): number {
  const id = readId(project instanceof ProjectSlug ? project.toString() : project, {
    name: NAME,
    letter: 'p',
  })
  if (fits(id, 32)) return id.low
  throw new SlugError(`${NAME}: UUID should be greater or equal than zero and less than 16^8`)
}

/** `p--pppp-pppp`, from a number, a text, or another project slug. */
export class ProjectSlug extends Slug {
  readonly #project: number

  /** @throws {SlugError} not a project. */
  constructor(id: SlugId | ProjectSlug) {
    const project = readProject(id)
    super(formatProjectSlug(project))
    this.#project = project
  }

  override getId(): number {
    return this.#project
  }
}
