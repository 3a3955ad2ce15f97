/** Documents of events: JSON that is kept as a file, compressed if it came so. */
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGunzip, gunzip } from 'node:zlib'
import type { EventDocument } from '../../catalog/events.ts'
import type { EventRow } from '../../catalog/schema/events.ts'
import { InvalidError, TooLargeError } from '../../errors.ts'
import { RestAnswer } from './errors.ts'
import type { RestServices } from './services.ts'

const unpack = promisify(gunzip)

/**
 * Keeps a document that came as a value.
 * @throws {TooLargeError} it is longer than `eventBytesMax` as JSON.
 */
export function keepValue(services: RestServices, value: unknown): Promise<EventDocument> {
  return keep(services, { ext: 'json', bytes: Buffer.from(JSON.stringify(value)) })
}

/**
 * Keeps a document that came as a file, just as it is.
 * @throws {RestAnswer} its name does not end in `.json` or `.json.gz`.
 * @throws {InvalidError} what is in it is no JSON, or cannot be unpacked.
 * @throws {TooLargeError} it is longer than `eventBytesMax` when it is unpacked.
 */
export async function keepFile(
  services: RestServices,
  { name, bytes }: { name: string; bytes: Buffer },
): Promise<EventDocument> {
  const ext = extOf(name)
  const { eventBytesMax } = services.config.limits
  const json = ext === 'json' ? bytes : await unpackAll(bytes, eventBytesMax)
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch {
    throw InvalidError.field('file', 'The file is no JSON in UTF-8.')
  }
  return keep(services, { ext, bytes })
}

/** The document of an event as JSON. @throws {RestAnswer} it has none. */
export async function openDocument({ blobs }: RestServices, event: EventRow): Promise<Readable> {
  if (event.data_sha256 === null) throw RestAnswer.error(404, 'Event has no data')
  const stored = await blobs.read(event.data_sha256)
  if (event.ext !== 'json.gz') return stored
  const unpacked = createGunzip()
  stored.on('error', (error) => unpacked.destroy(error))
  unpacked.on('close', () => stored.destroy())
  return stored.pipe(unpacked)
}

/** @throws {RestAnswer} neither `.json` nor `.json.gz`. */
export function extOf(name: string): EventDocument['ext'] {
  const lower = name.toLowerCase()
  if (lower.endsWith('.json')) return 'json'
  if (lower.endsWith('.json.gz')) return 'json.gz'
  const hasExtension = /.\.[^./\\]+$/.test(name)
  throw new RestAnswer(400, [
    hasExtension ? 'Unsupported extension for Stream Event' : 'Filename must use file extensions',
  ])
}

/** A few bytes of gzip can stand for a thousand times as many: unpacking ends where the limit is. */
async function unpackAll(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  try {
    return await unpack(bytes, { maxOutputLength: bytesMax, finishFlush: constants.Z_FINISH })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TooLargeError(`The file is larger than ${bytesMax} bytes when it is unpacked`)
    }
    throw InvalidError.field('file', 'The file is no gzip, although its name ends in .gz.')
  }
}

async function keep(
  { blobs, config }: RestServices,
  { ext, bytes }: { ext: EventDocument['ext']; bytes: Buffer },
): Promise<EventDocument> {
  const { eventBytesMax } = config.limits
  const { sha256, sizeBytes } = await blobs.put(Readable.from([bytes], { objectMode: true }), {
    bytesMax: eventBytesMax,
  })
  return { ext, sha256, sizeBytes }
}
