/**
 * Series and fields that were seen, known by the bytes they are written with. Each is kept once and has a
 * number; a line whose series and fields were met before is read without making a string.
 *
 * Keys form a tree of three levels: a project, below it the series (measurement and tags, as written), below
 * that the field keys. Each key remembers which one followed it the last time and which came first below it:
 * senders repeat themselves, so that one comparison of bytes mostly replaces hashing and searching.
 */
import { randomInt } from 'node:crypto'

/** Stands for "none" wherever a key number is expected. */
export const NO_KEY = 0

const CAPACITY_AT_FIRST = 1_024
const BYTES_AT_FIRST = 64 * 1_024

/** Sets of different keys that collide in one process are of no use in another. */
const HASH_SEED = randomInt(2 ** 31)
const HASH_FACTOR = 0x01000193

export class SeriesTable {
  /** Open addressing with linear steps; a power of two of places, at most half of them taken. */
  #places = new Int32Array(2 * CAPACITY_AT_FIRST)
  #bytes = new Uint8Array(BYTES_AT_FIRST)
  #bytesUsed = 0
  /** Number 0 is `NO_KEY`. */
  #count = 1
  #starts = new Int32Array(CAPACITY_AT_FIRST)
  #lengths = new Int32Array(CAPACITY_AT_FIRST)
  #hashes = new Int32Array(CAPACITY_AT_FIRST)
  #parents = new Int32Array(CAPACITY_AT_FIRST)
  #following = new Int32Array(CAPACITY_AT_FIRST)
  #firsts = new Int32Array(CAPACITY_AT_FIRST)
  #streamIds = new Uint32Array(CAPACITY_AT_FIRST)
  #projects = new Map<number, number>()

  /** Keys of all levels. */
  get keyCount(): number {
    return this.#count - 1
  }

  /** Bytes of all keys, without what the table needs to find them. */
  get keyBytes(): number {
    return this.#bytesUsed
  }

  /** The key above all series of a project. */
  project(projectId: number): number {
    const known = this.#projects.get(projectId)
    if (known !== undefined) return known
    const key = this.#append({ parent: NO_KEY, hash: 0, bytes: this.#bytes, start: 0, end: 0 })
    this.#projects.set(projectId, key)
    return key
  }

  /** Number of the key `bytes[start … end]` below `parent`, or `NO_KEY`. */
  find(parent: number, bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(parent, bytes, start, end)
    const mask = this.#places.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const key = this.#places[place]
      if (key === NO_KEY) return NO_KEY
      if (this.#hashes[key] !== hash || this.#parents[key] !== parent) continue
      if (this.#lengths[key] === end - start && this.endIfAt(key, bytes, start, end) === end) return key
    }
  }

  /** Adds a key that `find` has not found. */
  add(parent: number, bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(parent, bytes, start, end)
    const key = this.#append({ parent, hash, bytes, start, end })
    if (2 * this.#count > this.#places.length) this.#widenPlaces()
    else this.#place(key)
    return key
  }

  /** Where the key ends if it stands at `start`, or -1. Bytes from `limit` on do not count. */
  endIfAt(key: number, bytes: Uint8Array, start: number, limit: number): number {
    const end = start + this.#lengths[key]
    if (end > limit) return -1
    const keys = this.#bytes
    let at = this.#starts[key]
    for (let i = start; i < end; i++) {
      if (keys[at++] !== bytes[i]) return -1
    }
    return end
  }

  /** The key that came after this one the last time; `NO_KEY` the first time. */
  following(key: number): number {
    return this.#following[key]
  }

  setFollowing(key: number, next: number): void {
    this.#following[key] = next
  }

  /** The key below this one that came first the last time; `NO_KEY` the first time. */
  first(parent: number): number {
    return this.#firsts[parent]
  }

  setFirst(parent: number, key: number): void {
    this.#firsts[parent] = key
  }

  /** Stream of a field; 0 while nobody has set it. */
  streamId(field: number): number {
    return this.#streamIds[field]
  }

  setStreamId(field: number, streamId: number): void {
    this.#streamIds[field] = streamId
  }

  /** For when streams were renamed or removed. */
  forgetStreams(): void {
    this.#streamIds.fill(0)
  }

  parent(key: number): number {
    return this.#parents[key]
  }

  /** A view, to be used before the next `add`. */
  bytesOf(key: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[key], this.#starts[key] + this.#lengths[key])
  }

  #append(key: { parent: number; hash: number; bytes: Uint8Array; start: number; end: number }): number {
    const length = key.end - key.start
    if (this.#count === this.#starts.length) this.#widenColumns()
    if (this.#bytesUsed + length > this.#bytes.length) {
      this.#bytes = widened(this.#bytes, new Uint8Array(2 * (this.#bytes.length + length)))
    }
    const number = this.#count++
    this.#bytes.set(key.bytes.subarray(key.start, key.end), this.#bytesUsed)
    this.#starts[number] = this.#bytesUsed
    this.#lengths[number] = length
    this.#hashes[number] = key.hash
    this.#parents[number] = key.parent
    this.#bytesUsed += length
    return number
  }

  #place(key: number): void {
    const mask = this.#places.length - 1
    let place = this.#hashes[key] & mask
    while (this.#places[place] !== NO_KEY) place = (place + 1) & mask
    this.#places[place] = key
  }

  #widenPlaces(): void {
    this.#places = new Int32Array(2 * this.#places.length)
    for (let key = 1; key < this.#count; key++) {
      if (this.#parents[key] !== NO_KEY) this.#place(key)
    }
  }

  #widenColumns(): void {
    const capacity = 2 * this.#starts.length
    this.#starts = widened(this.#starts, new Int32Array(capacity))
    this.#lengths = widened(this.#lengths, new Int32Array(capacity))
    this.#hashes = widened(this.#hashes, new Int32Array(capacity))
    this.#parents = widened(this.#parents, new Int32Array(capacity))
    this.#following = widened(this.#following, new Int32Array(capacity))
    this.#firsts = widened(this.#firsts, new Int32Array(capacity))
    this.#streamIds = widened(this.#streamIds, new Uint32Array(capacity))
  }
}

/** FNV-1a with more mixing, so that the low bits depend on all bytes. */
function hashOf(parent: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED ^ Math.imul(parent, 0x9e3779b1)
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ bytes[i], HASH_FACTOR)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

function widened<T extends Uint8Array | Int32Array | Uint32Array>(from: T, into: T): T {
  into.set(from)
  return into
}
