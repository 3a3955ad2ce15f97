/** Organizations, projects, devices, variables and what hangs on them. */
import { randomUUID } from 'node:crypto'
import { find, findProject, isSame, isWithin } from '../find-object.ts'
import { type Ask, notFound, objectOf, pageOf, Refusal, requireFields } from '../mock-http.ts'
import { FIXED_TIME, type MockObject, nextId } from '../mock-state.ts'
import { pointsOf, streamsWithPoints } from '../stream-points.ts'
import { objectRoutes } from './object-routes.ts'
import type { Routes } from './route.ts'

const LARGE = { usual: 1_000, max: 10_000 }

/** A project in a filter, by UUID or slug; other objects name it by its UUID. */
function projectId({ query, state }: Ask, name = 'project'): string | undefined {
  const wished = query.get(name)
  if (wished === null) return undefined
  return String(findProject(state.projects, wished)?.id ?? wished)
}

function isOfProject(object: MockObject, field: string, ask: Ask): boolean {
  const wished = projectId(ask)
  return wished === undefined || object[field] === wished
}

function createOrg(ask: Ask) {
  const body = objectOf(ask)
  requireFields(body, ['name'])
  const name = String(body.name)
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  if (slug === '' || ask.state.orgs.has(slug)) {
    throw new Refusal(400, ['Organization with this Name produces duplicate slug.'])
  }
  const org = { id: randomUUID(), name, slug, about: String(body.about ?? ''), created_on: FIXED_TIME }
  const created = { ...org, ot: null, created_by: 'unknown-username', avatar: {}, domain_names: [] }
  ask.state.orgs.set(slug, created)
  return { status: 201, body: created }
}

function createProperty(ask: Ask) {
  const body = objectOf(ask)
  requireFields(body, ['target', 'name'])
  const given = (['int', 'str', 'bool'] as const).filter((type) => body[`${type}_value`] !== undefined)
  if (given.length !== 1) {
    const reason = 'Only one of int_value, str_value, or bool_value can be used'
    throw new Refusal(400, { non_field_errors: [reason] })
  }
  const [type] = given
  const id = nextId(ask.state.properties)
  const { name, target, is_system = false } = body
  const property = { id, name, value: body[`${type}_value`], type, is_system, target }
  ask.state.properties.set(String(id), property)
  return { status: 201, body: property }
}

/** Variables are known by the streams that they make. */
function variablesOf({ state }: Ask): MockObject[] {
  const variables = new Map<unknown, MockObject>()
  for (const stream of state.streams.values()) {
    const { variable: slug, var_name: name, var_lid: lid, var_type, project_id: project, org } = stream
    const { input_unit, output_unit } = stream
    variables.set(slug, { slug, name, lid, var_type, input_unit, output_unit, project, org })
  }
  return [...variables.values()]
}

async function extraOf({ state, folder }: Ask, target: MockObject): Promise<MockObject> {
  const { id, slug, project, label, active, created_on, claimed_by, claimed_on } = target
  const counts: Record<string, MockObject> = {}
  const events = Array.from(state.events.values())
  for (const stream of await streamsWithPoints({ state, folder }, String(slug))) {
    const eventCount = events.filter((event) => event.stream === stream).length
    counts[stream] = {
      data_cnt: (await pointsOf({ state, folder }, stream)).length,
      ...(eventCount > 0 ? { event_cnt: eventCount } : {}),
      has_streamid: state.streams.has(stream),
    }
  }
  return { id, slug, project, label, active, created_on, claimed_by, claimed_on, stream_counts: counts }
}

export const MODEL_ROUTES: Routes = {
  ...objectRoutes({
    path: 'org',
    map: ({ orgs }) => orgs,
    create: createOrg,
    undeletable: new Refusal(403, { error: 'Restricted Access. Contact Arch' }),
  }),
  'org/:id/projects': {
    GET(ask) {
      const { slug } = find(ask.state.orgs, ask.names.id)
      return pageOf(
        ask,
        Array.from(ask.state.projects.values()).filter(({ org }) => org === slug),
      )
    },
  },
  ...objectRoutes({
    path: 'project',
    map: ({ projects }) => projects,
    filters: { org: 'org', org__slug: 'org', slug: 'slug', name: 'name' },
    find({ state }, id) {
      const project = findProject(state.projects, id)
      if (project === undefined) throw notFound()
      return project
    },
  }),
  ...objectRoutes({
    path: 'device',
    map: ({ devices }) => devices,
    filters: { org__slug: 'org', dt: 'template', sg: 'sg', external_id: 'external_id' },
    isListed: (device, ask) => isOfProject(device, 'project', ask),
    sizes: LARGE,
  }),
  'device/:id/extra': {
    GET: async (ask) => ({ status: 200, body: await extraOf(ask, find(ask.state.devices, ask.names.id)) }),
  },
  ...objectRoutes({
    path: 'datablock',
    map: ({ datablocks }) => datablocks,
    filters: { org: 'org', device: 'device' },
  }),
  'datablock/:id/extra': {
    GET: async (ask) => ({ status: 200, body: await extraOf(ask, find(ask.state.datablocks, ask.names.id)) }),
  },
  ...objectRoutes({
    path: 'stream',
    map: ({ streams }) => streams,
    filters: { variable: 'variable', org: 'org', org__slug: 'org' },
    isListed(stream, ask) {
      const owner = ask.query.get('device') ?? ask.query.get('device__slug') ?? ask.query.get('block')
      // Who asks for nothing in particular gets nothing.
      const isAsked = owner !== null || ask.query.has('project') || ask.query.has('variable')
      const isOfOwner = owner === null || isWithin(String(stream.slug), owner)
      return isAsked && isOfOwner && isOfProject(stream, 'project_id', ask)
    },
    sizes: { usual: 5_000, max: 20_000 },
  }),
  variable: {
    GET(ask) {
      const wished = variablesOf(ask).filter((variable) => isOfProject(variable, 'project', ask))
      return pageOf(ask, wished, LARGE)
    },
  },
  'variable/:id': {
    GET(ask) {
      const variable = variablesOf(ask).find(({ slug }) => isSame(slug, ask.names.id))
      if (variable === undefined) throw notFound()
      return { status: 200, body: variable }
    },
  },
  'vartype/:slug': {
    async GET({ folder, names }) {
      const type = await folder.variableType(names.slug)
      if (type === undefined) throw notFound()
      return { status: 200, body: type }
    },
  },
  ...objectRoutes({
    path: 'property',
    map: ({ properties }) => properties,
    filters: { target: 'target' },
    isListed: (_property, { query }) => query.has('target'),
    create: createProperty,
  }),
  ...objectRoutes({ path: 'sg', map: ({ sgs }) => sgs }),
  ...objectRoutes({ path: 'dt', map: ({ dts }) => dts }),
}
