/** Files by their content: documents of events, uploads, packages, firmware. What a file means is in the catalog. */
import type { Readable } from 'node:stream'

export interface StoredBlob {
  /** 64 lower-case hex digits; also the name under which it is read. */
  readonly sha256: string
  /** 32 lower-case hex digits, for boards that check nothing better. */
  readonly md5: string
  readonly sizeBytes: number
}

/** Of the bytes of a blob: from `start`, before `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface BlobStore {
  /**
   * Takes the bytes as they come and keeps them under their hash; durable when it resolves. The same bytes
   * are kept once. A blob that no row of the catalog names within the hour may be removed again. Leaves
   * nothing behind when it fails, and throws what `bytes` throws.
   * @throws {TooLargeError} more than `bytesMax` bytes.
   * @throws {UnavailableError} the disk does not take it.
   */
  put(bytes: AsyncIterable<Uint8Array>, options: { bytesMax: number }): Promise<StoredBlob>
  /**
   * Reads a blob, or a range within it.
   * @throws {NotFoundError} there is none of that name.
   */
  read(sha256: string, range?: ByteRange): Promise<Readable>
  /**
   * Removes what is not named any more and was put more than an hour ago.
   * @param named Answers which of these hashes are.
   * @returns How many blobs and bytes were removed.
   */
  sweep(named: (hashes: readonly string[]) => Promise<ReadonlySet<string>>): Promise<SweptBlobs>
  stats(): Promise<{ blobs: number; bytes: number }>
}

export interface SweptBlobs {
  readonly blobs: number
  readonly bytes: number
}
