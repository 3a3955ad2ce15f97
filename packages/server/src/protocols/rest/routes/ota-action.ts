/** `/api/v1/ota/action/`: attempts to carry out deployment requests. */
import type { Static } from 'typebox'
import { sightOf } from '../../../access/permissions.ts'
import {
  createOtaAction,
  listOtaActions,
  type OtaActionChanges,
  updateOtaAction,
} from '../../../catalog/ota-actions.ts'
import { callerOf } from '../caller.ts'
import { readTimeOrNull } from '../data-range.ts'
import { deviceNumber } from '../lookup.ts'
import { otaActionOfPath, otaRequestOfPath } from '../ota-lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'
import { OtaActionView, otaActionView } from '../views/ota.ts'

const tags = ['ota']
const ActionPath = Type.Object({ id: Type.String() })
const LOG_CHARS_MAX = 100_000

const ActionBody = Type.Object(
  {
    last_attempt_on: Type.Optional(Nullable(Type.String({ description: 'ISO 8601' }))),
    attempt_successful: Type.Optional(Type.Boolean()),
    device_confirmation: Type.Optional(Type.Boolean()),
    log: Type.Optional(Nullable(Type.String({ maxLength: LOG_CHARS_MAX }))),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewActionBody = Type.Object(
  {
    ...ActionBody.properties,
    deployment: Type.Integer({ minimum: 1, description: 'Number of the request' }),
    device: Type.String({ description: 'Slug of a device of the same organization' }),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function otaActionRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services

  http.get(
    '/ota/action/',
    {
      schema: {
        tags,
        summary: 'List the actions of a deployment request or device; without one of these, none',
        querystring: Type.Object({
          ...PageQuery,
          request: Type.Optional(Type.String({ description: 'Number of the request' })),
          device: Type.Optional(Type.String({ description: 'Slug' })),
          staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
        }),
        response: { 200: PageOf(OtaActionView) },
      },
    },
    async (request) => {
      const { request: text, device, staff } = request.query
      const sight = sightOf(callerOf(request), { asStaff: staff === '1' })
      const isUnknown = text ? !/^\d{1,9}$/.test(text) : !device && staff !== '1'
      const filter = {
        ...(text ? { requestId: Number(text) } : {}),
        ...(device ? { deviceId: deviceNumber('device', device) } : {}),
      }
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        isUnknown ? none : listOtaActions(catalog, { sight, filter }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(otaActionView) })
    },
  )

  http.post(
    '/ota/action/',
    {
      schema: {
        tags,
        summary: 'Tell of an attempt to carry out a deployment request',
        body: NewActionBody,
        response: { 201: OtaActionView },
      },
    },
    async (request, reply) => {
      const { deployment, device } = request.body
      const text = String(deployment)
      const { id } = await otaRequestOfPath(services, request, { text, permission: 'manage_ota' })
      const row = await createOtaAction(catalog, {
        ...readChanges(request.body),
        request_id: id,
        device_id: deviceNumber('device', device),
        created_by: callerOf(request).accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(otaActionView(row))
    },
  )

  http.get(
    '/ota/action/:id/',
    { schema: { tags, summary: 'Read an action', params: ActionPath, response: { 200: OtaActionView } } },
    async (request) => {
      const { id: text } = request.params
      return otaActionView(await otaActionOfPath(services, request, { text, permission: 'view' }))
    },
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/ota/action/:id/',
    schema: {
      tags,
      summary: 'Tell how an action went; fields left out stay as they are',
      params: ActionPath,
      body: ActionBody,
      response: { 200: OtaActionView },
    },
    handler: async (request) => {
      const { id: text } = request.params
      const { id } = await otaActionOfPath(services, request, { text, permission: 'manage_ota' })
      return otaActionView(await updateOtaAction(catalog, id, readChanges(request.body)))
    },
  })
}

function readChanges(body: Static<typeof ActionBody>): OtaActionChanges {
  const { last_attempt_on: attempt, attempt_successful, device_confirmation, log } = body
  return {
    ...(attempt === undefined ? {} : { last_attempt_at_us: readTimeOrNull('last_attempt_on', attempt) }),
    ...(attempt_successful === undefined ? {} : { attempt_successful: Number(attempt_successful) }),
    ...(device_confirmation === undefined ? {} : { device_confirmation: Number(device_confirmation) }),
    ...(log === undefined ? {} : { log }),
  }
}
