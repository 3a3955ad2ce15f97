import { SlugError } from '../errors.ts'
import { DeviceSlug, formatDeviceSlug, readDevice } from './device-slug.ts'
import { Slug } from './slug.ts'
import {
  fits,
  formatDeviceTerm,
  formatTerm,
  readTerm,
  type SlugId,
  splitNumber,
  type WideId,
} from './slug-grammar.ts'

const NAME = 'IOTileStreamerSlug'

/** What a streamer is called: the 48 bits of its device and its 16-bit index there. */
export interface StreamerTerms {
  readonly device: number
  readonly index: number
}

/** `t--0000-0000-0000-000a--0001`. */
export function formatStreamerSlug({ device, index }: StreamerTerms): string {
  return `t--${formatDeviceTerm({ block: 0, device })}--${formatTerm(index, 1)}`
}

/**
 * `t--dddd-dddd-dddd-dddd--iiii`, from a device and an index, or from a whole text or streamer slug alone.
 * A device is a number, a text or a device slug; an index is a number or **decimal** text.
 */
export class StreamerSlug extends Slug {
  readonly #terms: StreamerTerms

  /** @throws {SlugError} not a device, or an index outside of 16 bits. */
  constructor(device: SlugId | DeviceSlug | StreamerSlug, index?: SlugId) {
    const terms = readStreamer(device instanceof StreamerSlug ? device.toString() : device, index)
    super(formatStreamerSlug(terms))
    this.#terms = terms
  }

  /** The device as the text of its slug. */
  getDevice(): string {
    return formatDeviceSlug(this.#terms.device)
  }

  /** The index as four hexadecimal digits. */
  getIndex(): string {
    return formatTerm(this.#terms.index, 1)
  }
}

function readStreamer(source: unknown, index: unknown): StreamerTerms {
  if (typeof source === 'string' && index === undefined) return readWhole(source)
  const number = splitNumber(typeof index === 'string' && /^\d+$/.test(index) ? Number(index) : index)
  return { device: readStreamingDevice(source), index: readIndex(number) }
}

function readWhole(text: string): StreamerTerms {
  const [letter, device, index, ...more] = text.split('--')
  if (letter !== 't') throw new SlugError(`${NAME}: must start with a "t"`)
  if (index === undefined || more.length > 0) {
    throw new SlugError(`${NAME}: Expected format: t--xxxx-xxxx-xxxx-xxxx--xxxx`)
  }
  return { device: readStreamingDevice(device), index: readIndex(readTerm(index)) }
}

/** Data blocks stream nothing, so only the 48 bits of a device will do. */
function readStreamingDevice(device: unknown): number {
  if (!['string', 'number', 'bigint'].includes(typeof device) && !(device instanceof DeviceSlug)) {
    throw new SlugError(`${NAME}: Unknown device specifier, must be string, int or IOTileDeviceSlug`)
  }
  return readDevice(device, { allow64: false }).device
}

function readIndex(index: WideId | undefined): number {
  if (index && fits(index, 16)) return index.low
  throw new SlugError(`${NAME}: Index should be greater or equal than zero and less than 16^4`)
}
