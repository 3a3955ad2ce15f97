/**
 * `GET /firmware/<device>/<file>`: a file of what a device is to run, by its name, for Tasmota's `OtaUrl` and for what
 * read a manifest before; `<file>.sig` and `<file>.md5` beside it.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { PackageFileRow } from '../../catalog/schema/packages.ts'
import { listSignatures } from '../../catalog/signing-keys.ts'
import { NotFoundError } from '../../errors.ts'
import type { Firmware } from '../../rollout/running.ts'
import { deviceOfPath } from './device-of-path.ts'
import { fileOf } from './file-of.ts'
import { reportOf } from './reports.ts'
import { isContinuing, sendFirmware, wishOf } from './send-firmware.ts'
import type { FirmwareServices } from './services.ts'

export function fileRoutes(http: FastifyInstance, services: FirmwareServices): void {
  const { catalog, updates } = services
  http.route({
    method: ['GET', 'HEAD'],
    url: '/:device/:file',
    handler: async (request, reply) => {
      const device = await deviceOfPath(services, request)
      const { file: name } = request.params as { file: string }
      const beside = await findBeside(await updates.known(device), name)
      if (beside?.kind === 'md5') return reply.type('text/plain').send(`${beside.file.md5}\n`)
      if (beside?.kind === 'sig') {
        const { bytes, keyId } = await signatureOf(catalog, beside.file, request)
        return reply.header('x-key-id', keyId).type('application/octet-stream').send(bytes)
      }
      const report = isContinuing(request.headers.range) ? {} : reportOf(request)
      const offer = await updates.ask(device, report, wishOf(request))
      if (offer === undefined) throw new NotFoundError('There is nothing new for this device.')
      return sendFirmware(services, { request, reply }, { device, offer, file: fileOf(offer, name) })
    },
  })
}

/** The file that a signature or checksum of that name belongs to, unless there is a file of that very name. */
async function findBeside(
  known: readonly Firmware[],
  name: string,
): Promise<{ kind: 'md5' | 'sig'; file: PackageFileRow } | undefined> {
  const [, base, kind] = /^(.+)\.(md5|sig)$/.exec(name) ?? []
  for (const { files } of known) {
    if (kind === undefined || files.some((file) => file.name === name)) continue
    const file = files.find((file) => file.name === base)
    if (file !== undefined) return { kind: kind as 'md5' | 'sig', file }
  }
  return undefined
}

/** The newest one, or that of the key in `?key_id=`. @throws {NotFoundError} there is none. */
async function signatureOf(
  catalog: FirmwareServices['catalog'],
  file: PackageFileRow,
  request: FastifyRequest,
): Promise<{ bytes: Buffer; keyId: string }> {
  const { key_id: keyId } = request.query as { key_id?: string }
  const signatures = await listSignatures(catalog, file.id)
  const found = signatures.find((row) => keyId === undefined || row.key_id === keyId)
  if (found === undefined) throw new NotFoundError('Nobody has signed this file.')
  return { bytes: Buffer.from(found.signature, 'base64'), keyId: found.key_id }
}
