/**
 * `GET /firmware/<device>`: the door of Arduino's HTTPUpdate for ESP8266 and ESP32. 304 says that there is nothing new;
 * 200 comes with `Content-Length` and `x-MD5`, never in chunks.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { DeviceRow } from '../../catalog/schema.ts'
import { deviceOfPath } from './device-of-path.ts'
import { fileOf } from './file-of.ts'
import { boardHeader, reportOf } from './reports.ts'
import { isContinuing, sendFirmware, wishOf } from './send-firmware.ts'
import type { FirmwareServices } from './services.ts'

/** What runs; a board that asks for another part of its flash, a file system, says so. */
const PROGRAM = 'sketch'

export function updateRoutes(http: FastifyInstance, services: FirmwareServices): void {
  const { updates } = services
  http.route({
    method: ['GET', 'HEAD'],
    url: '/:device',
    handler: async (request, reply) => {
      const device = await deviceOfPath(services, request)
      const { file: name } = request.query as { file?: string }
      const mode = boardHeader(request, 'mode') ?? PROGRAM
      if (mode !== PROGRAM && name === undefined) return nothingNew(reply)
      const report = isContinuing(request.headers.range) ? {} : reportOf(request)
      const offer = await updates.ask(device, report, wishOf(request))
      if (offer === undefined) return nothingNew(reply)
      const file = fileOf(offer, name)
      const reason = tooLarge(request, file.size_bytes)
      if (reason !== undefined) return refuse(services, { device, reason, reply })
      return sendFirmware(services, { request, reply }, { device, offer, file })
    },
  })
}

/** Without bytes: a board would erase its flash for what does not fit into it. */
async function refuse(
  { updates }: FirmwareServices,
  { device, reason, reply }: { device: DeviceRow; reason: string; reply: FastifyReply },
): Promise<FastifyReply> {
  await updates.failed(device, reason)
  return nothingNew(reply)
}

function tooLarge(request: FastifyRequest, sizeBytes: number): string | undefined {
  const freeBytes = Number(boardHeader(request, 'free-space') || Number.NaN)
  if (!(freeBytes < sizeBytes)) return undefined
  return `The file has ${sizeBytes} bytes, the board room for ${freeBytes}.`
}

function nothingNew(reply: FastifyReply): FastifyReply {
  return reply.code(304).send()
}
