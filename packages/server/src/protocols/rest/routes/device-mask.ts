/** `/api/v1/device/<slug>/mask/`: the window of time in which the data of a device are good. */
import type { Static } from 'typebox'
import { deleteDeviceMask, findDeviceMask, setDeviceMask } from '../../../catalog/device-masks.ts'
import type { DeviceMaskRow } from '../../../catalog/schema/reports.ts'
import { InvalidError } from '../../../errors.ts'
import { formatIsoUs, parseIsoUs } from '../../../model/time.ts'
import { callerOf } from '../caller.ts'
import { check, deviceOfPath, targetOfDevice } from '../lookup.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'

const tags = ['device']
const params = Type.Object({ slug: Type.String({ description: 'Slug of the device' }) })

const MaskView = Type.Object({ start: Nullable(Type.String()), end: Nullable(Type.String()) })
const MaskBody = Type.Object(
  {
    start: Type.Optional(Nullable(Type.String({ description: 'ISO 8601, inclusive; null for no bound' }))),
    end: Type.Optional(Nullable(Type.String({ description: 'ISO 8601, exclusive; null for no bound' }))),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function deviceMaskRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services

  http.get(
    '/device/:slug/mask/',
    {
      schema: {
        tags,
        summary: 'Read the mask of a device; without one both ends are null',
        params,
        response: { 200: MaskView },
      },
    },
    async (request) => {
      const { id } = await deviceOfPath(services, request, { text: request.params.slug, permission: 'view' })
      return maskView(await findDeviceMask(catalog, id))
    },
  )

  http.route({
    method: ['POST', 'PUT', 'PATCH'],
    url: '/device/:slug/mask/',
    schema: {
      tags,
      summary: 'Set the mask of a device, which `mask=1` applies to its data; nothing is deleted',
      params,
      body: MaskBody,
      response: { 202: MaskView },
    },
    handler: async (request, reply) => {
      const device = await deviceOfPath(services, request, { text: request.params.slug, permission: 'view' })
      await check(services, request, 'modify_device', targetOfDevice(device))
      const mask: DeviceMaskRow = {
        device_id: device.id,
        ...readWindow(request.body),
        created_at_us: clock.nowUs(),
        created_by: callerOf(request).accountId,
      }
      await setDeviceMask(catalog, mask)
      return reply.code(202).send(maskView(mask))
    },
  })

  http.delete(
    '/device/:slug/mask/',
    { schema: { tags, summary: 'Remove the mask of a device', params, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const device = await deviceOfPath(services, request, { text: request.params.slug, permission: 'view' })
      await check(services, request, 'modify_device', targetOfDevice(device))
      await deleteDeviceMask(catalog, device.id)
      return reply.code(204).send(null)
    },
  )
}

/** @throws {InvalidError} a bound is no time, or the window has no room. */
function readWindow({ start, end }: Static<typeof MaskBody>): Pick<DeviceMaskRow, 'start_us' | 'end_us'> {
  const window = { start_us: readBound('start', start), end_us: readBound('end', end) }
  if (window.start_us !== null && window.end_us !== null && window.start_us >= window.end_us) {
    throw InvalidError.field('end', 'The end must come after the start.')
  }
  return window
}

function readBound(field: string, text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null
  const timeUs = parseIsoUs(text)
  if (timeUs === undefined) throw InvalidError.field(field, 'Enter a valid date/time.')
  return timeUs
}

function maskView(mask: Pick<DeviceMaskRow, 'start_us' | 'end_us'> | undefined): Static<typeof MaskView> {
  const text = (timeUs: number | null | undefined) => (timeUs == null ? null : formatIsoUs(timeUs))
  return { start: text(mask?.start_us), end: text(mask?.end_us) }
}
