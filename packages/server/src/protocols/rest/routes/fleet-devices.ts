/** `/api/v1/fleet/<slug>/devices/` and its neighbours: which devices a fleet has. */
import { sightOf } from '../../../access/permissions.ts'
import { addFleetDevice, listFleetDevices, removeFleetDevice } from '../../../catalog/fleets.ts'
import { ConflictError, NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import { deviceNumber, fleetOfPath } from '../lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { FleetDeviceView, fleetDeviceView } from '../views/fleet.ts'
import { FleetPath } from './fleet.ts'

const tags = ['fleet']
const FleetDeviceBody = Type.Object(
  {
    device: Type.String({ description: 'Slug of a device of the same organization' }),
    always_on: Type.Optional(Type.Boolean({ description: '`true` unless given' })),
    is_access_point: Type.Optional(Type.Boolean({ description: '`false` unless given' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function fleetDeviceRoutes(http: RestHttp, services: RestServices): void {
  const { catalog } = services

  http.get(
    '/fleet/:slug/devices/',
    {
      schema: {
        tags,
        summary: 'List the devices of a fleet',
        params: FleetPath,
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(FleetDeviceView) },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const fleet = await fleetOfPath(services, request, { text, permission: 'view' })
      const sight = sightOf(callerOf(request), { asStaff: true })
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listFleetDevices(catalog, { sight, fleetId: fleet.id }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(fleetDeviceView) })
    },
  )

  http.post(
    '/fleet/:slug/register/',
    {
      schema: {
        tags,
        summary: 'Add a device to a fleet',
        params: FleetPath,
        body: FleetDeviceBody,
        response: { 201: FleetDeviceView },
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const fleet = await fleetOfPath(services, request, { text, permission: 'manage_ota' })
      const { device, always_on = true, is_access_point = false } = request.body
      const row = await addFleetDevice(catalog, {
        fleet_id: fleet.id,
        device_id: deviceNumber('device', device),
        always_on: Number(always_on),
        is_access_point: Number(is_access_point),
      }).catch((error) => {
        throw error instanceof ConflictError ? RestAnswer.error(400, error.message) : error
      })
      return reply.code(201).send(fleetDeviceView(row))
    },
  )

  http.post(
    '/fleet/:slug/deregister/',
    {
      schema: {
        tags,
        summary: 'Take a device out of a fleet',
        params: FleetPath,
        body: FleetDeviceBody,
        response: { 202: FleetDeviceView },
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const fleet = await fleetOfPath(services, request, { text, permission: 'manage_ota' })
      const deviceId = deviceNumber('device', request.body.device)
      const row = await removeFleetDevice(catalog, { fleetId: fleet.id, deviceId }).catch((error) => {
        throw error instanceof NotFoundError ? RestAnswer.error(400, error.message) : error
      })
      return reply.code(202).send(fleetDeviceView(row))
    },
  )
}
