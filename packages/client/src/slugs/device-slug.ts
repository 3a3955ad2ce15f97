import { SlugError } from '../errors.ts'
import { Slug } from './slug.ts'
import { type DeviceTerm, fits, formatDeviceTerm, readId, requireExact, type SlugId } from './slug-grammar.ts'

const NAME = 'IOTileDeviceSlug'

/** `d--0000-0000-0000-00d2`; 48 bits. */
export function formatDeviceSlug(device: number): string {
  return `d--${formatDeviceTerm({ block: 0, device })}`
}

export interface DeviceOptions {
  /** Whether a data block may be written as a device, its number in the first group. Default true. */
  readonly allow64?: boolean
}

/** The halves of a device id. @throws {SlugError} not a device, or a data block where none is allowed. */
export function readDevice(device: unknown, { allow64 = true }: DeviceOptions = {}): DeviceTerm {
  const source = device instanceof DeviceSlug ? device.toString() : device
  const id = readId(source, { name: NAME, letter: 'd' })
  if (!fits(id, allow64 ? 64 : 48)) {
    throw new SlugError(`${NAME}: UUID should be greater or equal than zero and less than 16^12`)
  }
  requireExact(NAME, source)
  return { block: id.high, device: id.low }
}

/** `d--0000-dddd-dddd-dddd`, from a number, a text, or another device slug. */
export class DeviceSlug extends Slug {
  readonly #term: DeviceTerm

  /** @throws {SlugError} not a device, or a data block where none is allowed. */
  constructor(id: SlugId | DeviceSlug, options: DeviceOptions = {}) {
    const term = readDevice(id, options)
    super(`d--${formatDeviceTerm(term)}`)
    this.#term = term
  }

  override getId(): number | bigint {
    const { block, device } = this.#term
    const id = (BigInt(block) << 48n) + BigInt(device)
    return id <= Number.MAX_SAFE_INTEGER ? Number(id) : id
  }
}
