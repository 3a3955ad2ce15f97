import { SlugError } from '../errors.ts'
import { BlockSlug, readBlock } from './block-slug.ts'
import { type DeviceSlug, readDevice } from './device-slug.ts'
import { formatProjectSlug, type ProjectSlug, readProject } from './project-slug.ts'
import { Slug } from './slug.ts'
import { type DeviceTerm, formatDeviceTerm, formatTerm, type SlugId } from './slug-grammar.ts'
import { formatVariableSlug, readVariable, type VariableSlug } from './variable-slug.ts'

const NAME = 'IOTileStreamSlug'

/** What a stream is called. Device 0 makes it virtual; a block other than 0 makes it an archived one. */
export interface StreamTerms {
  readonly project: number
  readonly block: number
  readonly device: number
  readonly lid: number
}

/** The slugs that a stream is made of. A data block is written as a device of 64 bits. */
export interface StreamParts {
  readonly project: string
  readonly device: string
  readonly variable: string
}

/** `s--0000-0077--0000-0000-0000-00d2--5001`. */
export function formatStreamSlug({ project, block, device, lid }: StreamTerms): string {
  return `s--${formatTerm(project, 2)}--${formatDeviceTerm({ block, device })}--${formatTerm(lid, 1)}`
}

/** `s--<project>--<device or block>--<variable>`, from its text, its parts, or another stream slug. */
export class StreamSlug extends Slug {
  readonly #terms: StreamTerms

  /** @throws {SlugError} not a stream. An empty project means none, an empty device a virtual stream. */
  constructor(stream: string | StreamSlug) {
    const terms = stream instanceof StreamSlug ? stream.#terms : readStream(stream)
    super(formatStreamSlug(terms))
    this.#terms = terms
  }

  /**
   * Puts a stream together. Nothing (0, null, undefined or an empty text) as project means none, as device a
   * virtual stream. Of a variable only the local id counts, whatever project it belongs to.
   * @throws {SlugError} a part is not what it should be.
   */
  static fromParts(
    project: SlugId | ProjectSlug | null | undefined,
    device: SlugId | DeviceSlug | BlockSlug | null | undefined,
    variable: SlugId | VariableSlug,
  ): StreamSlug {
    const { lid } = readVariable(variable)
    const terms = { project: readProject(orZero(project)), ...readSource(orZero(device)), lid }
    return new StreamSlug(formatStreamSlug(terms))
  }

  getParts(): StreamParts {
    const { project, lid } = this.#terms
    return {
      project: formatProjectSlug(project),
      device: `d--${formatDeviceTerm(this.#terms)}`,
      variable: formatVariableSlug({ project, lid }),
    }
  }
}

function readStream(text: unknown): StreamTerms {
  if (typeof text !== 'string') throw new SlugError('Variable ID must be int or str')
  const [letter, project, device, variable, ...more] = text.split('--')
  if (variable === undefined || more.length > 0) {
    throw new SlugError('Stream slug must have three terms: s--<prj>--<dev>--<var>')
  }
  if (letter !== 's') throw new SlugError(`${NAME}: must start with a "s"`)
  const { lid } = readVariable(variable)
  return { project: readProject(orZero(project)), ...readDevice(orZero(device)), lid }
}

function readSource(source: unknown): DeviceTerm {
  const isBlock = source instanceof BlockSlug || (typeof source === 'string' && source.startsWith('b--'))
  return isBlock ? readBlock(source) : readDevice(source)
}

/** Nothing where a project or device might stand is their 0; what is merely wrong stays to be refused. */
function orZero(part: unknown): unknown {
  return part === '' ? 0 : (part ?? 0)
}
