/** `/api/v1/org/`: organisations of the caller, and what is in them. */

import { requireStaff, requireWholeAccount, sightOf } from '../../../access/permissions.ts'
import { listDataBlocks } from '../../../catalog/datablocks.ts'
import { listDevices } from '../../../catalog/devices.ts'
import { listFleets } from '../../../catalog/fleets.ts'
import { listReports } from '../../../catalog/generated-reports.ts'
import { listMembers } from '../../../catalog/members.ts'
import { createOrg, deleteOrg, listOrgs, updateOrg } from '../../../catalog/orgs.ts'
import { listProjects } from '../../../catalog/projects.ts'
import type { OrgRow } from '../../../catalog/schema.ts'
import { ConflictError, ForbiddenError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import { orgOfPath } from '../lookup.ts'
import { membershipOf } from '../membership.ts'
import { deviceNames, orgNames, projectNames } from '../names.ts'
import {
  PageOf,
  PageQuery,
  pageBody,
  readPaged,
  readPageRequest,
  SMALL_PAGES,
  WIDE_PAGES,
} from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { DeviceView, deviceView } from '../views/device.ts'
import { MemberView } from '../views/member.ts'
import { Nullable } from '../views/nullable.ts'
import { OrgView, orgView } from '../views/org.ts'
import { ProjectView, projectView } from '../views/project.ts'

const tags = ['org']
export const OrgPath = Type.Object({ slug: Type.String() })

const OrgBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    ot: Type.Optional(Nullable(Type.String({ maxLength: 250, description: 'Kind of organization' }))),
    about: Type.Optional(Type.String({ maxLength: 10_000 })),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewOrgBody = Type.Object(
  {
    ...OrgBody.properties,
    name: Type.String({ minLength: 1, maxLength: 250, description: 'The slug follows from it, and stays' }),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const OrgQuery = Type.Object({
  ...PageQuery,
  search: Type.Optional(Type.String({ description: 'Part of the name' })),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})
const OrgExtraView = Type.Object({
  ...OrgView.properties,
  counts: Type.Object({
    projects: Type.Integer(),
    datablocks: Type.Integer(),
    members: Type.Integer(),
    devices: Type.Integer(),
    fleets: Type.Integer({ description: 'That are no networks' }),
    networks: Type.Integer(),
    reports: Type.Integer({ description: 'Generated ones' }),
  }),
  current_member: Nullable(MemberView),
})

/** Only the count is wanted. */
const NO_ROWS = { limit: 0, offset: 0 }

export function orgRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services
  const one = async (row: OrgRow) => orgView(row, (await orgNames(services, [row]))(row))

  http.get(
    '/org/',
    {
      schema: {
        tags,
        summary: 'List organizations',
        querystring: OrgQuery,
        response: { 200: PageOf(OrgView) },
      },
    },
    async (request) => {
      const { search, staff } = request.query
      const sight = sightOf(callerOf(request), { asStaff: staff === '1' })
      const filter = search ? { search } : {}
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listOrgs(catalog, { sight, filter }, page),
      )
      const names = await orgNames(services, rows)
      const results = rows.map((row) => orgView(row, names(row)))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/org/',
    {
      schema: {
        tags,
        summary: 'Create an organization; you become its owner',
        body: NewOrgBody,
        response: { 201: OrgView },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      requireWholeAccount(caller)
      const row = await createOrg(catalog, {
        ...request.body,
        created_by: caller.accountId,
        created_at_us: clock.nowUs(),
      }).catch((error) => {
        throw error instanceof ConflictError ? new RestAnswer(400, [error.message]) : error
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/org/:slug/',
    { schema: { tags, summary: 'Read an organization', params: OrgPath, response: { 200: OrgView } } },
    async (request) => one(await orgOfPath(services, request, { ...request.params, permission: 'view' })),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/org/:slug/',
    schema: {
      tags,
      summary: 'Change an organization; fields left out stay as they are',
      params: OrgPath,
      body: OrgBody,
      response: { 200: OrgView },
    },
    handler: async (request) => {
      const { id } = await orgOfPath(services, request, { ...request.params, permission: 'manage_org' })
      return one(await updateOrg(catalog, id, request.body))
    },
  })

  http.delete(
    '/org/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete an organization without projects and devices (staff)',
        params: OrgPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id } = await orgOfPath(services, request, { ...request.params, permission: 'view' })
      try {
        requireStaff(callerOf(request))
      } catch (error) {
        throw error instanceof ForbiddenError
          ? RestAnswer.error(403, 'Restricted Access. Contact Arch')
          : error
      }
      await deleteOrg(catalog, id)
      return reply.code(204).send(null)
    },
  )

  http.get(
    '/org/:slug/projects/',
    {
      schema: {
        tags,
        summary: 'List the projects of an organization by name',
        params: OrgPath,
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(ProjectView) },
      },
    },
    async (request) => {
      const { id } = await orgOfPath(services, request, { ...request.params, permission: 'view' })
      const sight = sightOf(callerOf(request), { asStaff: true })
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listProjects(catalog, { sight, filter: { orgId: id } }, page),
      )
      const names = await projectNames(services, rows)
      const results = rows.map((row) => projectView(row, names(row)))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.get(
    '/org/:slug/devices/',
    {
      schema: {
        tags,
        summary: 'List the devices of an organization',
        params: OrgPath,
        querystring: Type.Object({
          ...PageQuery,
          all: Type.Optional(Type.String({ description: '`1` includes inactive devices' })),
        }),
        response: { 200: PageOf(DeviceView) },
      },
    },
    async (request) => {
      const { id } = await orgOfPath(services, request, { ...request.params, permission: 'view' })
      const sight = sightOf(callerOf(request), { asStaff: true })
      const filter = { orgId: id, activeOnly: request.query.all !== '1' }
      const { count, rows, page } = await readPaged(readPageRequest(request, WIDE_PAGES), (page) =>
        listDevices(catalog, { sight, filter }, page),
      )
      const names = await deviceNames(services, rows)
      const results = rows.map((row) => deviceView(row, names(row)))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.get(
    '/org/:slug/extra/',
    {
      schema: {
        tags,
        summary: 'Read an organization with the numbers of what is in it, and as what you belong to it',
        params: OrgPath,
        response: { 200: OrgExtraView },
      },
    },
    async (request) => {
      const org = await orgOfPath(services, request, { ...request.params, permission: 'view' })
      const caller = callerOf(request)
      const sight = sightOf(caller, { asStaff: true })
      const filter = { orgId: org.id }
      const projects = await listProjects(catalog, { sight, filter }, NO_ROWS)
      const members = await listMembers(catalog, filter, NO_ROWS)
      const devices = await listDevices(catalog, { sight, filter }, NO_ROWS)
      const dataBlocks = await listDataBlocks(catalog, { sight, filter }, NO_ROWS)
      const fleets = await listFleets(catalog, { sight, filter: { ...filter, isNetwork: false } }, NO_ROWS)
      const networks = await listFleets(catalog, { sight, filter: { ...filter, isNetwork: true } }, NO_ROWS)
      const reports = await listReports(catalog, { orgIds: [org.id] }, NO_ROWS)
      return {
        ...(await one(org)),
        counts: {
          projects: projects.count,
          datablocks: dataBlocks.count,
          members: members.count,
          devices: devices.count,
          fleets: fleets.count,
          networks: networks.count,
          reports: reports.count,
        },
        current_member: await membershipOf(services, { orgId: org.id, accountId: caller.accountId }),
      }
    },
  )
}
