/** `/api/v1/variable/`: what is measured, project by project. */
import type { Static } from 'typebox'
import { requireStaff, sightOf } from '../../../access/permissions.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import type { VariableRow } from '../../../catalog/schema.ts'
import {
  createVariable,
  deleteVariable,
  listVariables,
  updateVariable,
  type VariableChanges,
  type VariableFilter,
} from '../../../catalog/variables.ts'
import { ForbiddenError, InvalidError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import { check, projectByText, variableOfPath } from '../lookup.ts'
import { variableNames } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, WIDE_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'
import { readUnits, UnitBody } from '../views/unit.ts'
import { VariableView, variableView } from '../views/variable.ts'
import { VartypeView, vartypeView } from '../views/vartype.ts'
import { vartypeBySlug } from './vartype.ts'

const tags = ['variable']
const VariablePath = Type.Object({ slug: Type.String({ description: '`v--…`' }) })

const Factor = Nullable(Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }))
const VariableBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
    var_type: Type.Optional(Type.String()),
    about: Type.Optional(Type.String()),
    input_unit: Type.Optional(UnitBody),
    output_unit: Type.Optional(UnitBody),
    derived_variable: Type.Optional(Nullable(Type.String())),
    raw_value_format: Type.Optional(Type.String()),
    units: Type.Optional(Type.String()),
    multiplication_factor: Type.Optional(Factor),
    division_factor: Type.Optional(Factor),
    offset: Type.Optional(Nullable(Type.Number())),
    decimal_places: Type.Optional(Type.Integer({ minimum: 0, maximum: 15 })),
    mdo_label: Type.Optional(Type.String()),
    web_only: Type.Optional(Type.Boolean()),
    app_only: Type.Optional(Type.Boolean()),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewVariableBody = Type.Object(
  {
    ...VariableBody.properties,
    name: Type.String({ minLength: 1, maxLength: 250 }),
    project: Type.String({ description: 'UUID or slug' }),
    lid: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'Else the next free number' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const VariableQuery = Type.Object({
  ...PageQuery,
  project: Type.Optional(Type.String({ description: 'UUID or slug' })),
  org: Type.Optional(Type.String({ description: 'Slug' })),
  search: Type.Optional(Type.String({ description: 'Part of the name' })),
  include_templates: Type.Optional(
    Type.String({ description: 'Understood; variables that are templates do not exist here' }),
  ),
  staff: Type.Optional(Type.String()),
})

export function variableRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock, resolver } = services
  const one = async (row: VariableRow) => variableView(row, (await variableNames(services, [row]))(row))

  http.get(
    '/variable/',
    {
      schema: {
        tags,
        summary: 'List variables',
        querystring: VariableQuery,
        response: { 200: PageOf(VariableView) },
      },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const filter = await readFilter(services, request.query)
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, WIDE_PAGES), async (page) =>
        filter ? listVariables(catalog, { sight, filter }, page) : none,
      )
      const names = await variableNames(services, rows)
      const results = rows.map((row) => variableView(row, names(row)))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/variable/',
    {
      schema: {
        tags,
        summary: 'Create a variable',
        body: NewVariableBody,
        response: { 201: VariableView },
      },
    },
    async (request, reply) => {
      const { project: text, lid, name, ...described } = request.body
      const project = await projectByText(services, text)
      if (!project) throw InvalidError.field('project', 'There is no such project.')
      await check(services, request, 'manage_org', { orgId: project.org_id, projectId: project.id })
      const row = await createVariable(catalog, {
        ...(await readChanges(services, described)),
        ...(lid === undefined ? {} : { lid }),
        name,
        project_id: project.id,
        created_by: callerOf(request).accountId,
        created_at_us: clock.nowUs(),
      })
      return reply.code(201).send(await one(row))
    },
  )

  http.get(
    '/variable/:slug/',
    { schema: { tags, summary: 'Read a variable', params: VariablePath, response: { 200: VariableView } } },
    async (request) => {
      const { slug: text } = request.params
      return one((await variableOfPath(services, request, { text, permission: 'view' })).variable)
    },
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/variable/:slug/',
    schema: {
      tags,
      summary: 'Change a variable; fields left out stay as they are',
      params: VariablePath,
      body: VariableBody,
      response: { 200: VariableView },
    },
    handler: async (request) => {
      const { slug: text } = request.params
      const { variable } = await variableOfPath(services, request, { text, permission: 'manage_org' })
      const key = { projectId: variable.project_id, lid: variable.lid }
      const changed = await updateVariable(catalog, key, await readChanges(services, request.body))
      if (changed.name !== variable.name) resolver.forget()
      return one(changed)
    },
  })

  http.delete(
    '/variable/:slug/',
    {
      schema: {
        tags,
        summary: 'Delete a variable that has no streams (staff)',
        params: VariablePath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { slug: text } = request.params
      const { variable } = await variableOfPath(services, request, { text, permission: 'view' })
      refuseDelete(() => requireStaff(callerOf(request)))
      await deleteVariable(catalog, { projectId: variable.project_id, lid: variable.lid })
      resolver.forget()
      return reply.code(204).send(null)
    },
  )

  http.get(
    '/variable/:slug/type/',
    {
      schema: {
        tags,
        summary: 'Read the type of a variable, with the units to choose from',
        params: VariablePath,
        response: { 200: VartypeView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const { variable } = await variableOfPath(services, request, { text, permission: 'view' })
      return vartypeView(await vartypeBySlug(services, variable.var_type))
    },
  )
}

/** Who may not delete projects, variables and streams is answered with 400 here, not 403. */
export function refuseDelete(requirement: () => void): void {
  try {
    requirement()
  } catch (error) {
    if (error instanceof ForbiddenError) throw RestAnswer.error(400, 'Restricted Access. Contact Arch')
    throw error
  }
}

/** Undefined when the filter names something that does not exist. */
async function readFilter(
  services: RestServices,
  query: Static<typeof VariableQuery>,
): Promise<VariableFilter | undefined> {
  const project = query.project ? await projectByText(services, query.project) : undefined
  const org = query.org ? await findOrgBySlug(services.catalog, query.org) : undefined
  if ((query.project && !project) || (query.org && !org)) return undefined
  return {
    ...(project ? { projectId: project.id } : {}),
    ...(org ? { orgId: org.id } : {}),
    ...(query.search ? { search: query.search } : {}),
  }
}

async function readChanges(
  services: RestServices,
  body: Static<typeof VariableBody>,
): Promise<VariableChanges> {
  const { input_unit, output_unit, offset, web_only, app_only, ...same } = body
  refuseZero(same)
  return {
    ...same,
    ...(await readUnits(services, { input_unit, output_unit })),
    ...(offset === undefined ? {} : { offset_value: offset }),
    ...(web_only === undefined ? {} : { web_only: Number(web_only) }),
    ...(app_only === undefined ? {} : { app_only: Number(app_only) }),
  }
}

/** @throws {InvalidError} a factor is zero. */
export function refuseZero(factors: {
  readonly multiplication_factor?: number | null
  readonly division_factor?: number | null
}): void {
  for (const field of ['multiplication_factor', 'division_factor'] as const) {
    if (factors[field] === 0) throw InvalidError.field(field, 'A factor is a whole number other than zero.')
  }
}
