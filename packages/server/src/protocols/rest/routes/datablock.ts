/** `/api/v1/datablock/`: archives of what devices had measured. */
import type { Static } from 'typebox'
import { requireStaff, sightOf } from '../../../access/permissions.ts'
import { type DataBlockFilter, listDataBlocks, updateDataBlock } from '../../../catalog/datablocks.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import type { DataBlockRow } from '../../../catalog/schema/events.ts'
import { archiveDevice, archivedStreams, deleteArchive } from '../archives.ts'
import { callerOf } from '../caller.ts'
import { dataBlockOfPath, orgOfPath } from '../lookup.ts'
import { ownedNames } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { StreamCountsView, streamCounts } from '../stream-counts.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { DataBlockView, dataBlockView } from '../views/datablock.ts'
import { placeFilter } from './stream.ts'

const tags = ['datablock']
const DataBlockPath = Type.Object({ slug: Type.String({ description: '`b--…`' }) })
const DataBlockBody = Type.Object(
  {
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewDataBlockBody = Type.Object(
  {
    ...DataBlockBody.properties,
    device: Type.String({ description: 'Slug of the device whose streams are put away' }),
    slug: Type.Optional(Type.String({ description: '`b--…`, for staff; else the next free number' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const DataBlockExtraView = Type.Object({
  id: DataBlockView.properties.id,
  slug: DataBlockView.properties.slug,
  title: DataBlockView.properties.title,
  description: DataBlockView.properties.description,
  created_on: DataBlockView.properties.created_on,
  stream_counts: StreamCountsView,
})
const Searched = { q: Type.Optional(Type.String({ description: 'Part of the title or the description' })) }
const DataBlockQuery = Type.Object({
  ...PageQuery,
  ...Searched,
  org: Type.Optional(Type.String({ description: 'Slug' })),
  device: Type.Optional(Type.String({ description: 'Slug' })),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})

export function dataBlockRoutes(http: RestHttp, services: RestServices): void {
  const { catalog } = services
  const viewAll = async (rows: readonly DataBlockRow[]) => {
    const names = await ownedNames(services, rows)
    return rows.map((row) => dataBlockView(row, names(row)))
  }
  const one = async (row: DataBlockRow) => (await viewAll([row]))[0]

  http.get(
    '/datablock/',
    {
      schema: {
        tags,
        summary: 'List archives, the latest first',
        querystring: DataBlockQuery,
        response: { 200: PageOf(DataBlockView) },
      },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const filter = await readFilter(services, request.query)
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        filter ? listDataBlocks(catalog, { sight, filter }, page) : none,
      )
      return pageBody(request, services.publicUrl, { count, page, results: await viewAll(rows) })
    },
  )

  http.post(
    '/datablock/',
    {
      schema: {
        tags,
        summary: 'Archive a device: all that its streams hold now belongs to the archive',
        body: NewDataBlockBody,
        response: { 201: DataBlockView },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await one(await archiveDevice(services, request, request.body))),
  )

  http.get(
    '/datablock/:slug/',
    {
      schema: { tags, summary: 'Read an archive', params: DataBlockPath, response: { 200: DataBlockView } },
    },
    async (request) =>
      one(await dataBlockOfPath(services, request, { text: request.params.slug, permission: 'view' })),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/datablock/:slug/',
    schema: {
      tags,
      summary: 'Change title and description; what is left out stays as it is',
      params: DataBlockPath,
      body: DataBlockBody,
      response: { 200: DataBlockView },
    },
    handler: async (request) => {
      const { slug: text } = request.params
      const { id } = await dataBlockOfPath(services, request, { text, permission: 'create_archive' })
      return one(await updateDataBlock(catalog, id, request.body))
    },
  })

  http.delete(
    '/datablock/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete an archive with its streams, points, events and properties (staff)',
        params: DataBlockPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const archive = await dataBlockOfPath(services, request, { text, permission: 'view' })
      requireStaff(callerOf(request))
      await deleteArchive(services, request, archive)
      return reply.code(204).send(null)
    },
  )

  http.get(
    '/datablock/:slug/extra/',
    {
      schema: {
        tags,
        summary: 'Read an archive with how much its streams hold',
        params: DataBlockPath,
        response: { 200: DataBlockExtraView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const row = await dataBlockOfPath(services, request, { text, permission: 'view' })
      const { id, slug, title, description, created_on } = await one(row)
      const stream_counts = await streamCounts(services, await archivedStreams(services, row))
      return { id, slug, title, description, created_on, stream_counts }
    },
  )

  http.get(
    '/org/:slug/archives/',
    {
      schema: {
        tags,
        summary: 'List the archives of an organization, the latest first',
        params: Type.Object({ slug: Type.String() }),
        querystring: Type.Object({ ...PageQuery, ...Searched }),
        response: { 200: PageOf(DataBlockView) },
      },
    },
    async (request) => {
      const { id: orgId } = await orgOfPath(services, request, { ...request.params, permission: 'view' })
      const sight = sightOf(callerOf(request), { asStaff: true })
      const { q } = request.query
      const filter = { orgId, ...(q ? { text: q } : {}) }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listDataBlocks(catalog, { sight, filter }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: await viewAll(rows) })
    },
  )
}

/** Undefined when the filter names something that does not exist. @throws {InvalidError} a malformed slug. */
async function readFilter(
  { catalog }: RestServices,
  { org: orgText, device, q }: Static<typeof DataBlockQuery>,
): Promise<DataBlockFilter | undefined> {
  const org = orgText ? await findOrgBySlug(catalog, orgText) : undefined
  if (orgText && !org) return undefined
  const { deviceId } = placeFilter(device)
  return {
    ...(org ? { orgId: org.id } : {}),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(q ? { text: q } : {}),
  }
}
