/** What clients ask before they write: whether somebody is there, which version, and what there is. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { InvalidError } from '../../errors.ts'
import { callerOf } from './credentials.ts'
import { INFLUX_VERSION } from './headers.ts'
import { bucketIdOf, orgIdOf } from './ids.ts'
import { parseStatements, type Statement } from './influxql.ts'
import { measurementsOf, visibleOrgs, visibleProjects } from './listings.ts'
import type { RequestBodies } from './request-body.ts'
import type { InfluxServices } from './services.ts'
import type { WriteTargets } from './write-target.ts'

export interface ProbeDoor extends InfluxServices {
  readonly bodies: RequestBodies
  readonly targets: WriteTargets
}

type Parameters = Readonly<Record<string, string | undefined>>

interface ResultSeries {
  readonly name?: string
  readonly columns: readonly string[]
  readonly values: readonly (readonly unknown[])[]
}

/** Open to everybody. */
export function pingRoutes(http: FastifyInstance, { stoppedReason }: InfluxServices): void {
  http.get('/ping', async (request, reply) => {
    const { verbose = '' } = request.query as Parameters
    if (['', '0', 'false'].includes(verbose)) return reply.code(204).send()
    return { version: INFLUX_VERSION }
  })

  http.get('/health', async (_request, reply) => {
    const reason = await stoppedReason()
    const status = reason === undefined ? 'pass' : 'fail'
    return reply.code(reason === undefined ? 200 : 503).send({
      name: 'sonde',
      message: reason ?? 'ready for writes',
      status,
      checks: [],
      version: INFLUX_VERSION,
    })
  })
}

/** `/query` of version 1. */
export function queryRoutesOfVersion1(http: FastifyInstance, door: ProbeDoor): void {
  http.route({
    method: ['GET', 'POST'],
    url: '/query',
    handler: async (request) => {
      const parameters = await queryParameters(door, request)
      const results = []
      for (const [i, statement] of parseStatements(parameters.q ?? '').entries()) {
        const series = await answer(door, request, statement, parameters.db || undefined)
        results.push({ statement_id: i, ...(series === undefined ? {} : { series: [series] }) })
      }
      return { results }
    },
  })
}

/** Below `/api/v2`, except for `setup`, which is open to everybody. */
export function queryRoutesOfVersion2(http: FastifyInstance, door: ProbeDoor): void {
  const { catalog } = door

  http.get('/buckets', async (request) => {
    const { name, org, orgID, id } = request.query as Parameters
    const orgs = await orgsNamed(door, request, org || orgID)
    const projects = (await visibleProjects(catalog, callerOf(request))).filter((project) => {
      return (
        (name === undefined || name === project.name) &&
        (id === undefined || id === bucketIdOf(project.id)) &&
        (orgs === undefined || orgs.some((row) => row.id === project.org_id))
      )
    })
    const buckets = projects.map((project) => ({
      id: bucketIdOf(project.id),
      orgID: orgIdOf(project.org_id),
      type: 'user',
      name: project.name,
      description: project.about,
      retentionRules: [],
      createdAt: new Date(project.created_at_us / 1_000).toISOString(),
      labels: [],
    }))
    return { links: { self: '/api/v2/buckets' }, buckets }
  })

  http.get('/orgs', async (request) => {
    const { org, orgID } = request.query as Parameters
    const rows =
      (await orgsNamed(door, request, org || orgID)) ?? (await visibleOrgs(catalog, callerOf(request)))
    const orgs = rows.map(({ id, name, about }) => ({ id: orgIdOf(id), name, description: about }))
    return { links: { self: '/api/v2/orgs' }, orgs }
  })

  http.post('/query', async (request, reply) => {
    const flux = await door.bodies.use(request, async (body) => fluxOf(body.toString('utf8')))
    if (!/^\s*buckets\(\s*\)\s*(\|>\s*limit\([^)]*\)\s*)?$/.test(flux)) {
      throw new InvalidError('Flux is not answered here. Points are read at /api/v1/query/')
    }
    const projects = await visibleProjects(catalog, callerOf(request))
    const rows = projects.map(({ id, org_id, name }) => [name, bucketIdOf(id), orgIdOf(org_id)])
    return reply.type('text/csv; charset=utf-8').send(bucketsCsv(rows))
  })
}

/** No user is to be made: there is one since the first start. */
export function setupRoute(http: FastifyInstance): void {
  http.get('/setup', async () => ({ allowed: false }))
}

async function orgsNamed({ catalog }: ProbeDoor, request: FastifyRequest, wanted: string | undefined) {
  if (!wanted) return undefined
  const lower = wanted.toLowerCase()
  const orgs = await visibleOrgs(catalog, callerOf(request))
  return orgs.filter(({ id, slug, name }) => {
    return [slug, name.toLowerCase(), orgIdOf(id)].includes(lower)
  })
}

/** From the query string, or from a form in the body. */
async function queryParameters({ bodies }: ProbeDoor, request: FastifyRequest): Promise<Parameters> {
  const form = await bodies.use(request, async (body) => body.toString('utf8'))
  return { ...Object.fromEntries(new URLSearchParams(form)), ...(request.query as Parameters) }
}

async function answer(
  { catalog, targets }: ProbeDoor,
  request: FastifyRequest,
  statement: Statement,
  database: string | undefined,
): Promise<ResultSeries | undefined> {
  const caller = callerOf(request)
  switch (statement.kind) {
    case 'show_databases': {
      const projects = await visibleProjects(catalog, caller)
      return { name: 'databases', columns: ['name'], values: projects.map(({ name }) => [name]) }
    }
    case 'show_retention_policies':
      return {
        columns: ['name', 'duration', 'shardGroupDuration', 'replicaN', 'default'],
        values: [['autogen', '0s', '168h0m0s', 1, true]],
      }
    case 'show_measurements': {
      const names = await measurementsOf(catalog, caller, statement.database ?? database)
      if (names.length === 0) return undefined
      return { name: 'measurements', columns: ['name'], values: names.map((name) => [name]) }
    }
    case 'create_database':
      await targets.make(caller, { bucket: statement.database })
      return undefined
  }
}

/** The query within a JSON object, or the text itself. @throws {InvalidError} the object is no JSON. */
function fluxOf(text: string): string {
  if (!text.trimStart().startsWith('{')) return text
  try {
    const { query } = JSON.parse(text) as { query?: unknown }
    return typeof query === 'string' ? query : ''
  } catch {
    throw new InvalidError('The body is no JSON')
  }
}

/** Annotated CSV, in which Flux answers. */
function bucketsCsv(rows: readonly (readonly string[])[]): string {
  const lines = [
    '#datatype,string,long,string,string,string',
    '#group,false,false,false,false,false',
    '#default,_result,,,,',
    ',result,table,name,id,organizationID',
    ...rows.map((cells) => `,,0,${cells.map(csvCell).join(',')}`),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
