/** `/api/v1/project/`: projects of the caller's organisations. */
import { parseSlug } from '@sonde/client'
import type { Static } from 'typebox'
import { requireStaff, sightOf } from '../../../access/permissions.ts'
import { listDevices } from '../../../catalog/devices.ts'
import { findOrg, findOrgBySlug } from '../../../catalog/orgs.ts'
import {
  createProject,
  deleteProject,
  listProjects,
  type ProjectFilter,
  updateProject,
} from '../../../catalog/projects.ts'
import type { OrgRow, ProjectRow } from '../../../catalog/schema.ts'
import type { Sight } from '../../../catalog/sight.ts'
import { listStreams } from '../../../catalog/streams.ts'
import { listVariables } from '../../../catalog/variables.ts'
import { InvalidError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { orgOfBody, projectByText, projectOfPath } from '../lookup.ts'
import { projectNames } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import { readPropertyFilter } from '../property-fields.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'
import { ProjectView, projectView } from '../views/project.ts'
import { refuseDelete } from './variable.ts'

const tags = ['project']
const ProjectPath = Type.Object({ id: Type.String({ description: 'UUID or slug' }) })

const ProjectBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    about: Type.Optional(Type.String({ maxLength: 10_000 })),
    project_template: Type.Optional(Nullable(Type.String({ maxLength: 250 }))),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewProjectBody = Type.Object(
  {
    ...ProjectBody.properties,
    name: Type.String({ minLength: 1, maxLength: 250 }),
    org: Type.String({ description: 'Slug' }),
    id: Type.Optional(Type.String({ format: 'uuid', description: 'For staff who move an installation' })),
    slug: Type.Optional(Type.String({ description: '`p--…`, for staff; else the next free number' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const ProjectQuery = Type.Object({
  ...PageQuery,
  org: Type.Optional(Type.String({ description: 'Slug or UUID' })),
  org__slug: Type.Optional(Type.String()),
  slug: Type.Optional(Type.String()),
  name: Type.Optional(Type.String({ description: 'The whole name' })),
  property: Type.Optional(Type.String({ description: '`name`, or `name__value`' })),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})
const ProjectExtraView = Type.Object({
  ...ProjectView.properties,
  counts: Type.Object({ devices: Type.Integer(), variables: Type.Integer(), streams: Type.Integer() }),
})

/** Only the count is wanted. */
const NO_ROWS = { limit: 0, offset: 0 }

export function projectRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const one = async (row: ProjectRow) => projectView(row, (await projectNames(services, [row]))(row))

  http.get(
    '/project/',
    {
      schema: {
        tags,
        summary: 'List projects',
        querystring: ProjectQuery,
        response: { 200: PageOf(ProjectView) },
      },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const wanted = await readFilter(services, request.query, sight)
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        wanted ? listProjects(catalog, wanted, page) : none,
      )
      const names = await projectNames(services, rows)
      const results = rows.map((row) => projectView(row, names(row)))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/project/',
    {
      schema: {
        tags,
        summary: 'Create a project',
        body: NewProjectBody,
        response: { 201: ProjectView },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { org: orgSlug, id: uuid, slug, ...described } = request.body
      const org = await orgOfBody(services, request, { slug: orgSlug, permission: 'manage_org' })
      if (uuid !== undefined || slug !== undefined) requireStaff(caller)
      const row = await createProject(catalog, {
        ...described,
        ...(uuid === undefined ? {} : { uuid }),
        ...(slug === undefined ? {} : { id: numberOfSlug(slug) }),
        org_id: org.id,
        created_by: caller.accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/project/:id/',
    { schema: { tags, summary: 'Read a project', params: ProjectPath, response: { 200: ProjectView } } },
    async (request) =>
      one(await projectOfPath(services, request, { text: request.params.id, permission: 'view' })),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/project/:id/',
    schema: {
      tags,
      summary: 'Change a project; fields left out stay as they are',
      params: ProjectPath,
      body: ProjectBody,
      response: { 200: ProjectView },
    },
    handler: async (request) => {
      const { id: text } = request.params
      const { id } = await projectOfPath(services, request, { text, permission: 'manage_org' })
      return one(await updateProject(catalog, id, request.body))
    },
  })

  http.delete(
    '/project/:id/',
    {
      schema: {
        tags,
        summary: 'Delete a project without devices and streams (staff)',
        params: ProjectPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id } = await projectOfPath(services, request, { text: request.params.id, permission: 'view' })
      refuseDelete(() => requireStaff(callerOf(request)))
      await deleteProject(catalog, id)
      return reply.code(204).send(null)
    },
  )

  http.get(
    '/project/:id/extra/',
    {
      schema: {
        tags,
        summary: 'Read a project with the numbers of what is in it',
        params: ProjectPath,
        response: { 200: ProjectExtraView },
      },
    },
    async (request) => {
      const { id: text } = request.params
      const project = await projectOfPath(services, request, { text, permission: 'view' })
      const sight = sightOf(callerOf(request), { asStaff: true })
      const filter = { projectId: project.id }
      const devices = await listDevices(catalog, { sight, filter }, NO_ROWS)
      const variables = await listVariables(catalog, { sight, filter }, NO_ROWS)
      const streams = await listStreams(
        catalog,
        { sight, filter: { ...filter, registered: true, archived: false } },
        NO_ROWS,
      )
      return {
        ...(await one(project)),
        counts: { devices: devices.count, variables: variables.count, streams: streams.count },
      }
    },
  )
}

/** Undefined when the filter names something that does not exist or is out of sight. */
async function readFilter(
  services: RestServices,
  query: Static<typeof ProjectQuery>,
  sight: Sight,
): Promise<{ sight: Sight; filter: ProjectFilter } | undefined> {
  const orgText = query.org__slug || query.org
  const org = orgText ? await orgByText(services, orgText) : undefined
  const project = query.slug ? await projectByText(services, query.slug) : undefined
  if ((orgText && !org) || (query.slug && !project)) return undefined
  if (project && sight.projectId !== undefined && sight.projectId !== project.id) return undefined
  return {
    sight: project ? { ...sight, projectId: project.id } : sight,
    filter: {
      ...(org ? { orgId: org.id } : {}),
      ...(query.name ? { name: query.name } : {}),
      ...(query.property ? { property: readPropertyFilter(query.property) } : {}),
    },
  }
}

async function orgByText({ catalog }: RestServices, text: string): Promise<OrgRow | undefined> {
  return (await findOrgBySlug(catalog, text)) ?? findOrg(catalog, text.toLowerCase())
}

function numberOfSlug(text: string): number {
  const slug = parseSlug(text)
  if (slug?.kind !== 'project' || slug.project === 0) {
    throw InvalidError.field('slug', `"${text}" is no project slug.`)
  }
  return slug.project
}
