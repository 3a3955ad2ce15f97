/** `/api/v1/stream/`: stream records, that is, which variable of which device is measured and how. */
import { formatBlockSlug, formatDeviceSlug, parseSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { requireStaff, sightOf } from '../../../access/permissions.ts'
import { findDevice } from '../../../catalog/devices.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import { findProject } from '../../../catalog/projects.ts'
import type { StreamRow } from '../../../catalog/schema.ts'
import {
  deleteStream,
  listStreams,
  registerStream,
  type StreamChanges,
  type StreamFilter,
  updateStream,
} from '../../../catalog/streams.ts'
import { findVariable } from '../../../catalog/variables.ts'
import { InvalidError } from '../../../errors.ts'
import { auditDelete } from '../audit.ts'
import { callerOf } from '../caller.ts'
import { check, projectByText, streamOfPath } from '../lookup.ts'
import { streamNames } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, STREAM_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'
import { StreamView, streamView } from '../views/stream.ts'
import { readUnits, UnitBody } from '../views/unit.ts'
import { refuseDelete, refuseZero } from './variable.ts'

const tags = ['stream']
export const StreamPath = Type.Object({
  slug: Type.String({ description: '`s--…`, also without leading zeros' }),
})

const StreamBody = Type.Object(
  {
    data_label: Type.Optional(Type.String()),
    data_type: Type.Optional(Type.String()),
    var_type: Type.Optional(Nullable(Type.String())),
    enabled: Type.Optional(Type.Boolean({ description: 'A disabled stream takes no data' })),
    mdo_type: Type.Optional(Type.String()),
    mdo_label: Type.Optional(Type.String()),
    multiplication_factor: Type.Optional(Nullable(Type.Integer())),
    division_factor: Type.Optional(Nullable(Type.Integer())),
    offset: Type.Optional(Nullable(Type.Number())),
    raw_value_format: Type.Optional(Type.String()),
    input_unit: Type.Optional(UnitBody),
    output_unit: Type.Optional(UnitBody),
    derived_stream: Type.Optional(Nullable(Type.String())),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewStreamBody = Type.Object(
  {
    ...StreamBody.properties,
    variable: Type.String({ description: 'Slug' }),
    device: Type.Optional(Nullable(Type.String({ description: 'Slug; without one the stream is virtual' }))),
    id: Type.Optional(Type.String({ description: 'UUID, for staff who move an installation' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const flag = (description: string) => Type.Optional(Type.String({ description }))
const StreamQuery = Type.Object({
  ...PageQuery,
  project: flag('UUID or slug'),
  org: flag('Slug'),
  org__slug: flag('Slug'),
  device: flag('Slug of a device or data block'),
  device__slug: flag('Slug of a device or data block'),
  block: flag('Slug of a data block'),
  variable: flag('Slug'),
  enabled: flag('`1` or `0`'),
  all: flag('`1` includes streams of inactive devices and archived ones'),
  archived: flag('`1`: archived streams only'),
  virtual: flag('`1`: virtual streams only'),
  staff: flag('`1`: all organisations, for staff'),
})

export function streamRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock, ingest, resolver } = services
  const one = async (row: StreamRow) => streamView(row, (await streamNames(services, [row]))(row))

  http.get(
    '/stream/',
    {
      schema: {
        tags,
        summary: 'List streams',
        querystring: StreamQuery,
        response: { 200: PageOf(StreamView) },
      },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const filter = await readFilter(services, request.query)
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, STREAM_PAGES), async (page) =>
        filter ? listStreams(catalog, { sight, filter }, page) : none,
      )
      const names = await streamNames(services, rows)
      const results = rows.map((row) => streamView(row, names(row)))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/stream/',
    {
      schema: {
        tags,
        summary: 'Create a stream record',
        body: NewStreamBody,
        response: { 201: StreamView },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { variable: variableText, device: deviceText, id, ...described } = request.body
      const key = await readKey(services, { variableText, deviceText: deviceText ?? null })
      await check(services, request, 'create_stream', key.target)
      if (id !== undefined) requireStaff(caller)
      const row = await registerStream(catalog, {
        ...(await readChanges(services, described)),
        ...(id === undefined ? {} : { uuid: id }),
        project_id: key.projectId,
        device_id: key.deviceId,
        variable_lid: key.lid,
        created_by: caller.accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/stream/:slug/',
    { schema: { tags, summary: 'Read a stream record', params: StreamPath, response: { 200: StreamView } } },
    async (request) => {
      const { slug: text } = request.params
      return one((await streamOfPath(services, request, { text, permission: 'view' })).stream)
    },
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/stream/:slug/',
    schema: {
      tags,
      summary: 'Change a stream record; fields left out stay as they are',
      params: StreamPath,
      body: StreamBody,
      response: { 200: StreamView },
    },
    handler: async (request) => {
      const { slug: text } = request.params
      const { stream } = await streamOfPath(services, request, { text, permission: 'modify_device' })
      const changed = await updateStream(catalog, stream.id, await readChanges(services, request.body))
      if (changed.enabled !== stream.enabled) resolver.forget()
      return one(changed)
    },
  })

  http.delete(
    '/stream/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a stream and its points (staff)',
        params: StreamPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const { stream } = await streamOfPath(services, request, { text, permission: 'view' })
      refuseDelete(() => requireStaff(callerOf(request)))
      const count = await ingest.deletePoints(Uint32Array.of(stream.id))
      await deleteStream(catalog, stream.id)
      await auditDelete(services, request, {
        target: stream.slug,
        detail: `the stream and its ${count} points`,
      })
      resolver.forget()
      return reply.code(204).send(null)
    },
  )
}

/** What a new stream is of, and whom to ask for permission. */
async function readKey(
  { catalog }: RestServices,
  { variableText, deviceText }: { variableText: string; deviceText: string | null },
) {
  const slug = parseSlug(variableText)
  const variable =
    slug?.kind === 'variable'
      ? await findVariable(catalog, { projectId: slug.project, lid: slug.lid })
      : undefined
  const project = variable && (await findProject(catalog, variable.project_id))
  if (!variable || !project) throw InvalidError.field('variable', 'There is no such variable.')
  const target = { orgId: project.org_id, projectId: project.id }
  const key = { projectId: project.id, lid: variable.lid, deviceId: 0, target }
  if (deviceText === null) return key
  const deviceSlug = parseSlug(deviceText)
  const device = deviceSlug?.kind === 'device' ? await findDevice(catalog, deviceSlug.device) : undefined
  if (device?.project_id !== project.id) {
    throw InvalidError.field('device', 'There is no such device in the project of the variable.')
  }
  return { ...key, deviceId: device.id, target: { ...target, deviceId: device.id } }
}

/** Undefined when the filter names something that does not exist. */
async function readFilter(
  services: RestServices,
  query: Static<typeof StreamQuery>,
): Promise<StreamFilter | undefined> {
  const project = query.project ? await projectByText(services, query.project) : undefined
  const orgText = query.org__slug || query.org
  const org = orgText ? await findOrgBySlug(services.catalog, orgText) : undefined
  if ((query.project && !project) || (orgText && !org)) return undefined
  const isAll = query.all === '1'
  const place = placeFilter(query.block || query.device__slug || query.device)
  const archived = query.archived === '1' ? true : isAll || place.block ? undefined : false
  return {
    registered: true,
    ...(project ? { projectId: project.id } : {}),
    ...(org ? { orgId: org.id } : {}),
    ...place,
    ...variableFilter(query.variable),
    ...(query.enabled ? { enabled: query.enabled === '1' || query.enabled === 'true' } : {}),
    ...(query.virtual === '1' ? { virtual: true } : {}),
    ...(archived === undefined ? {} : { archived }),
    ...(isAll ? {} : { activeOnly: true }),
  }
}

/** @throws {InvalidError} neither a device nor a data block. */
export function placeFilter(text: string | undefined): Pick<StreamFilter, 'deviceId' | 'block'> {
  if (!text) return {}
  const slug = parseSlug(text)
  if (slug?.kind === 'device') return { deviceId: slug.device }
  if (slug?.kind === 'block') return { deviceId: slug.device, block: slug.block }
  const examples = `${formatDeviceSlug(1)} or ${formatBlockSlug({ block: 1, device: 1 })}`
  throw InvalidError.field('device', `"${text}" is no slug such as ${examples}.`)
}

function variableFilter(text: string | undefined): Pick<StreamFilter, 'variable'> {
  if (!text) return {}
  const slug = parseSlug(text)
  if (slug?.kind !== 'variable') throw InvalidError.field('variable', `"${text}" is no variable slug.`)
  return { variable: { projectId: slug.project, lid: slug.lid } }
}

async function readChanges(services: RestServices, body: Static<typeof StreamBody>): Promise<StreamChanges> {
  const { enabled, offset, input_unit, output_unit, ...same } = body
  refuseZero(same)
  return {
    ...same,
    ...(await readUnits(services, { input_unit, output_unit })),
    ...(enabled === undefined ? {} : { enabled: Number(enabled) }),
    ...(offset === undefined ? {} : { offset_value: offset }),
  }
}
