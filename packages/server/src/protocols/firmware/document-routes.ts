/** What there is for a device, as JSON: `manifest.json` for ESPHome, `offer.json` for programs of one's own. */
import { formatDeviceSlug } from '@sonde/client'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { DeviceRow } from '../../catalog/schema.ts'
import { listSignatures } from '../../catalog/signing-keys.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { queryCredentials } from './credentials.ts'
import { deviceOfPath } from './device-of-path.ts'
import { fileOf } from './file-of.ts'
import { checkVersion, reportOf } from './reports.ts'
import type { FirmwareServices } from './services.ts'

const BODY_BYTES_MAX = 4_096
const REASON_CHARS_MAX = 250
const CHIP = 'ESP32'

export function documentRoutes(http: FastifyInstance, services: FirmwareServices): void {
  const { catalog, updates } = services

  http.get('/:device/manifest.json', async (request) => {
    const device = await deviceOfPath(services, request)
    const { file: name, chip = CHIP } = request.query as { file?: string; chip?: string }
    const offer = await updates.ask(device, reportOf(request), 'offer')
    // ESPHome wants to read of the version that it runs when there is no other.
    const shown = offer ?? (await updates.known(device)).at(0)
    if (shown === undefined) throw new NotFoundError('Nobody has decided what this device is to run.')
    const file = fileOf(shown, name)
    return {
      name: device.label || formatDeviceSlug(device.id),
      version: shown.tag.tag,
      builds: [{ chipFamily: chip, ota: { path: pathOf(request, device, file.name), md5: file.md5 } }],
    }
  })

  http.get('/:device/offer.json', async (request, reply) => {
    const device = await deviceOfPath(services, request)
    const { file: name } = request.query as { file?: string }
    const offer = await updates.ask(device, reportOf(request), 'offer')
    if (offer === undefined) return reply.code(204).send()
    const file = fileOf(offer, name)
    const signatures = await listSignatures(catalog, file.id)
    return {
      version: offer.tag.tag,
      file: file.name,
      path: pathOf(request, device, file.name),
      size_bytes: file.size_bytes,
      md5: file.md5,
      sha256: file.sha256,
      signatures: signatures.map(({ key_id, signature }) => ({ key_id, signature })),
    }
  })

  http.post('/:device/report', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const device = await deviceOfPath(services, request)
    const { version, error } = readReport(request.body)
    if (error !== undefined) await updates.failed(device, error.slice(0, REASON_CHARS_MAX))
    if (version !== undefined) await updates.ask(device, { version }, 'report')
    return reply.code(204).send()
  })
}

function pathOf(request: FastifyRequest, { id }: DeviceRow, name: string): string {
  return `/firmware/${formatDeviceSlug(id)}/${name}${queryCredentials(request)}`
}

/** @throws {InvalidError} neither a version nor an error. */
function readReport(body: unknown): { version?: string | undefined; error?: string | undefined } {
  const { version, error } = Object(body) as { version?: unknown; error?: unknown }
  const isText = (value: unknown) => value === undefined || (typeof value === 'string' && value !== '')
  if (!isText(version) || !isText(error) || (version === undefined && error === undefined)) {
    throw new InvalidError('Send {"version": "…"}, or {"error": "…"} when the update failed.')
  }
  checkVersion((version as string | undefined) ?? '')
  return { version: version as string | undefined, error: error as string | undefined }
}
