/** Sends a file of an offer, and notes when its last byte is on its way. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BlobStore, ByteRange } from '../../blobs/blob-store.ts'
import type { PackageFileRow } from '../../catalog/schema/packages.ts'
import type { DeviceRow } from '../../catalog/schema.ts'
import { NotFoundError } from '../../errors.ts'
import { sendFile } from '../../http/send-file.ts'
import { US_PER_MS } from '../../model/time.ts'
import type { Offer, Wish } from '../../rollout/device-updates.ts'
import type { FirmwareServices } from './services.ts'

/** HEAD and questions with a condition begin no download; nor does what goes on where another request ended. */
export function wishOf({ method, headers }: FastifyRequest): Wish {
  const isAsking = method === 'HEAD' || 'if-none-match' in headers || 'if-modified-since' in headers
  return isAsking || isContinuing(headers.range) ? 'offer' : 'download'
}

export function isContinuing(range: string | undefined): boolean {
  return range !== undefined && !/^\s*bytes\s*=\s*0+\s*-/.test(range)
}

export async function sendFirmware(
  { blobs, updates }: FirmwareServices,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { device, offer, file }: { device: DeviceRow; offer: Offer; file: PackageFileRow },
): Promise<FastifyReply> {
  reply.header('x-firmware-version', offer.tag.tag)
  if (request.method === 'GET' && offer.attempt !== undefined) {
    reply.raw.once('finish', () => {
      const { statusCode } = reply.raw
      if (statusCode !== 200 && statusCode !== 206) return
      updates.sent(device, offer).catch((error) => {
        request.log.error({ err: error }, 'the end of a firmware download could not be noted')
      })
    })
  }
  return sendFile(request, reply, served(blobs, file))
}

function served(blobs: BlobStore, file: PackageFileRow) {
  return {
    name: file.name,
    mediaType: 'application/octet-stream',
    sizeBytes: file.size_bytes,
    sha256: file.sha256,
    md5: file.md5,
    modifiedMs: Math.floor(file.created_at_us / US_PER_MS),
    read: (range?: ByteRange) =>
      blobs.read(file.sha256, range).catch((error) => {
        // The row says that it is there, so that this is no fault of the board's.
        throw error instanceof NotFoundError ? new Error(`the blob ${file.sha256} is missing`) : error
      }),
  }
}
