/**
 * Walks over msgpack without making anything of it, so that a small file that would become something huge, or
 * something deep, is refused before a decoder begins.
 */
import { InvalidError } from '../../errors.ts'

/** Lengths of what has no content of its own: by first byte, how many bytes follow it. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  192: 0,
  194: 0,
  195: 0,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
}

/** By first byte: how many bytes the length takes, and what has that length. */
const SIZED: Readonly<Record<number, readonly [sizeBytes: number, kind: 'bytes' | 'array' | 'map']>> = {
  196: [1, 'bytes'],
  197: [2, 'bytes'],
  198: [4, 'bytes'],
  217: [1, 'bytes'],
  218: [2, 'bytes'],
  219: [4, 'bytes'],
  220: [2, 'array'],
  221: [4, 'array'],
  222: [2, 'map'],
  223: [4, 'map'],
}

/**
 * @throws {InvalidError} it ends early or late, lies deeper than `depthMax`, has items of an extension type, or
 * says that it has more items than it has bytes.
 */
export function checkMsgpackShape(bytes: Uint8Array, depthMax: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** Items still to come, by depth. */
  const left = [1]
  let leftOverall = 1
  let at = 0
  const skip = (count: number) => {
    if (count > bytes.length - at) throw new InvalidError('The msgpack ends too early')
    at += count
  }
  const enter = (itemCount: number) => {
    // Each item takes a byte at least, and a decoder makes room for all of them at once.
    leftOverall += itemCount
    if (leftOverall > bytes.length - at) throw new InvalidError('The msgpack ends too early')
    if (left.length > depthMax) throw new InvalidError(`The msgpack is more than ${depthMax} levels deep`)
    left.push(itemCount)
  }
  while (left.length > 0) {
    if (left[left.length - 1] === 0) {
      left.pop()
      continue
    }
    left[left.length - 1]--
    leftOverall--
    skip(1)
    const head = bytes[at - 1]
    const sized = SIZED[head]
    if (head <= 0x7f || head >= 0xe0) continue
    if (head <= 0x8f) enter(2 * (head & 0x0f))
    else if (head <= 0x9f) enter(head & 0x0f)
    else if (head <= 0xbf) skip(head & 0x1f)
    else if (sized) {
      const [sizeBytes, kind] = sized
      skip(sizeBytes)
      const size = sizeAt(view, at - sizeBytes, sizeBytes)
      if (kind === 'bytes') skip(size)
      else enter(kind === 'map' ? 2 * size : size)
    } else if (head in FIXED_BYTES) skip(FIXED_BYTES[head])
    else throw new InvalidError('The msgpack has items of an extension type, which reports do not have')
  }
  if (at < bytes.length) throw new InvalidError(`The msgpack has ${bytes.length - at} bytes too many`)
}

function sizeAt(view: DataView, at: number, sizeBytes: number): number {
  if (sizeBytes === 1) return view.getUint8(at)
  return sizeBytes === 2 ? view.getUint16(at) : view.getUint32(at)
}
