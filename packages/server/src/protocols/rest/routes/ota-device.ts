/** `/api/v1/ota/device/` and `ota/version/`: what devices run, and what they are to run. */
import { formatDeviceSlug } from '@sonde/client'
import { sightOf } from '../../../access/permissions.ts'
import { listOtaActions } from '../../../catalog/ota-actions.ts'
import { listDevicesOfRequest, listRequestsOfDevice } from '../../../catalog/ota-requests.ts'
import { createOtaVersion, findCurrentVersions, listOtaVersions } from '../../../catalog/ota-versions.ts'
import type { OtaVersionRow } from '../../../catalog/schema/fleets.ts'
import { callerOf } from '../caller.ts'
import { readTimeOrNull } from '../data-range.ts'
import { check, deviceNumber, deviceOfPath, targetOfDevice } from '../lookup.ts'
import { otaRequestOfPath } from '../ota-lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { firmwareOfDevice } from '../rollout-names.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'
import { OtaActionView, OtaRequestView, OtaVersionView, otaActionView, otaVersionView } from '../views/ota.ts'
import { DeviceFirmwareView } from '../views/rollout.ts'
import { DevicePath } from './device.ts'
import { OtaRequestPath, otaRequestViews } from './ota-request.ts'

const tags = ['ota']
/** Of the deployments and actions of one device, the first ones; `ota/action/` has pages of all. */
const LISTED_MAX = 1_000

const OtaDeviceView = Type.Object({
  slug: Type.String(),
  template: Type.String(),
  sg: Nullable(Type.String()),
  deployments: Type.Array(OtaRequestView, { description: 'Released and not completed' }),
  actions: Type.Array(OtaActionView),
  versions: Type.Array(OtaVersionView, { description: 'The newest of each type' }),
  firmware: DeviceFirmwareView,
})
const { slug, template, sg, versions } = OtaDeviceView.properties
const RequestDeviceView = Type.Object({ id: Type.Integer(), slug, sg, template, versions })

const NewVersionBody = Type.Object(
  {
    device: Type.String({ description: 'Slug' }),
    type: Type.String({ minLength: 1, maxLength: 16, description: '`os` or `app`' }),
    tag: Type.Integer({ minimum: 0, maximum: 0xffffffff }),
    version: Type.String({ minLength: 1, maxLength: 250 }),
    streamer_local_id: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff })),
    updated_ts: Type.Optional(Type.String({ description: 'ISO 8601; now unless given' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function otaDeviceRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services

  http.get(
    '/ota/device/:slug/',
    {
      schema: {
        tags,
        summary: 'Read what a device runs, and what it is to run',
        params: DevicePath,
        response: { 200: OtaDeviceView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      const sight = sightOf(callerOf(request), { asStaff: true })
      const requests = await listRequestsOfDevice(catalog, {
        device,
        nowUs: clock.nowUs(),
        limit: LISTED_MAX,
      })
      const filter = { deviceId: device.id }
      const actions = await listOtaActions(catalog, { sight, filter }, { limit: LISTED_MAX, offset: 0 })
      return {
        slug: formatDeviceSlug(device.id),
        template: device.template,
        sg: device.sg,
        deployments: await otaRequestViews(services, requests),
        actions: actions.rows.map(otaActionView),
        versions: (await findCurrentVersions(catalog, [device.id])).map(otaVersionView),
        firmware: await firmwareOfDevice(services, device),
      }
    },
  )

  http.get(
    '/device/:slug/versions/',
    {
      schema: {
        tags,
        summary: 'Read the versions of what a device runs: the newest of each type',
        params: DevicePath,
        response: { 200: Type.Array(OtaVersionView) },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      return (await findCurrentVersions(catalog, [device.id])).map(otaVersionView)
    },
  )

  http.get(
    '/ota/request/:id/devices/',
    {
      schema: {
        tags,
        summary: 'List the devices that a deployment request is meant for',
        params: OtaRequestPath,
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(RequestDeviceView) },
      },
    },
    async (request) => {
      const { id: text } = request.params
      const found = await otaRequestOfPath(services, request, { text, permission: 'view' })
      const sight = sightOf(callerOf(request), { asStaff: true })
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listDevicesOfRequest(catalog, { sight, request: found }, page),
      )
      const ids = rows.map((row) => row.id)
      const current = Map.groupBy(await findCurrentVersions(catalog, ids), (row) => row.device_id)
      const results = rows.map(({ id, sg, template }) => {
        const versions: OtaVersionRow[] = current.get(id) ?? []
        return { id, slug: formatDeviceSlug(id), sg, template, versions: versions.map(otaVersionView) }
      })
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.get(
    '/ota/version/',
    {
      schema: {
        tags,
        summary: 'List the versions that devices have reported',
        querystring: Type.Object({
          ...PageQuery,
          device: Type.Optional(Type.String({ description: 'Slug' })),
          type: Type.Optional(Type.String()),
          staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
        }),
        response: { 200: PageOf(OtaVersionView) },
      },
    },
    async (request) => {
      const { device, type, staff } = request.query
      const sight = sightOf(callerOf(request), { asStaff: staff === '1' })
      const filter = {
        ...(device ? { deviceId: deviceNumber('device', device) } : {}),
        ...(type ? { type } : {}),
      }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listOtaVersions(catalog, { sight, filter }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(otaVersionView) })
    },
  )

  http.post(
    '/ota/version/',
    {
      schema: {
        tags,
        summary: 'Tell what a device runs',
        body: NewVersionBody,
        response: { 201: OtaVersionView },
      },
    },
    async (request, reply) => {
      const { device: text, type, tag, version, streamer_local_id = 0, updated_ts } = request.body
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      await check(services, request, 'manage_ota', targetOfDevice(device))
      const nowUs = clock.nowUs()
      const row = await createOtaVersion(catalog, {
        device_id: device.id,
        type,
        tag,
        version,
        streamer_local_id,
        updated_at_us: readTimeOrNull('updated_ts', updated_ts ?? null) ?? nowUs,
        created_at_us: nowUs,
      })
      return reply.code(201).send(otaVersionView(row))
    },
  )
}
