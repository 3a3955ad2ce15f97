/** `/api/v1/device/claim/` and its neighbours: whose a device is. Whoever has one at hand claims it by its slug. */
import { formatDeviceSlug, formatProjectSlug, parseSlug } from '@sonde/client'
import { requireScope } from '../../../access/permissions.ts'
import { claimDevice, findDevicesByIds, unclaimDevice } from '../../../catalog/devices.ts'
import { ConflictError, ForbiddenError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import { check, deviceNumber, deviceOfPath, projectOfPath, targetOfDevice } from '../lookup.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { DevicePath } from './device.ts'

const tags = ['device']
const SLUGS_MAX = 1_000

const ClaimView = Type.Object({
  claimed: Type.Boolean(),
  device: Type.String(),
  project: Type.String(),
  project_id: Type.String({ description: 'UUID' }),
})
const ClaimableView = Type.Object({
  count: Type.Integer(),
  results: Type.Array(Type.Object({ slug: Type.String(), claimable: Type.Boolean() })),
})

export function deviceClaimRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock, resolver, shadows } = services

  http.post(
    '/device/claim/',
    {
      schema: {
        tags,
        summary: 'Claim a device for a project',
        body: Type.Object(
          {
            device: Type.String({ description: 'Slug' }),
            project: Type.String({ description: 'UUID or slug' }),
          },
          UNKNOWN_FIELDS_IGNORED,
        ),
        response: { 202: ClaimView },
      },
    },
    async (request, reply) => {
      const { device, project: text } = request.body
      const id = deviceNumber('device', device)
      const project = await projectOfPath(services, request, { text, permission: 'claim_device' })
      const { accountId } = callerOf(request)
      const claim = { id, projectId: project.id, accountId, nowUs: clock.nowUs() }
      await claimDevice(catalog, claim).catch((error) => {
        throw error instanceof ConflictError ? new RestAnswer(400, { detail: error.message }) : error
      })
      resolver.forget()
      return reply.code(202).send({
        claimed: true,
        device: formatDeviceSlug(id),
        project: formatProjectSlug(project.id),
        project_id: project.uuid,
      })
    },
  )

  http.post(
    '/device/claimable/',
    {
      schema: {
        tags,
        summary: 'Ask which devices nobody has claimed; those that do not exist are left out',
        body: Type.Object(
          { slugs: Type.Array(Type.String(), { maxItems: SLUGS_MAX }) },
          UNKNOWN_FIELDS_IGNORED,
        ),
        response: { 202: ClaimableView },
      },
    },
    async (request, reply) => {
      requireScope(callerOf(request), 'read')
      const numbers = request.body.slugs.flatMap((text) => {
        const slug = parseSlug(text)
        return slug?.kind === 'device' ? [slug.device] : []
      })
      const known = new Map((await findDevicesByIds(catalog, numbers)).map((row) => [row.id, row]))
      const results = [...new Set(numbers)].flatMap((id) => {
        const row = known.get(id)
        return row ? [{ slug: formatDeviceSlug(id), claimable: row.project_id === null }] : []
      })
      return reply.code(202).send({ count: results.length, results })
    },
  )

  http.post(
    '/device/:slug/unclaim/',
    {
      schema: {
        tags,
        summary:
          'Take a device out of its project and fleets; its streams and their points stay in the project',
        description:
          'Its properties, mask, shadow, commands, streamers and their reports are deleted: they are not for who ' +
          'claims it next.',
        params: DevicePath,
        response: { 202: Type.Object({ unclaimed: Type.String() }) },
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      await check(services, request, 'claim_device', targetOfDevice(device))
      refuseBusy(device)
      await unclaimDevice(catalog, device.id)
      resolver.forget()
      shadows.forget(device.id)
      return reply.code(202).send({ unclaimed: formatDeviceSlug(device.id) })
    },
  )
}

/** @throws {ForbiddenError} something else is going on with the device. */
export function refuseBusy(device: { readonly busy: number }): void {
  if (device.busy === 0) return
  throw new ForbiddenError('The device is busy. Try again later, or set its busy to false.')
}
