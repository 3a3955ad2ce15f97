/** `/api/v1/rollout/`: firmware on its way to the devices of a fleet, stage by stage. */
import type { Static } from 'typebox'
import { sightOf } from '../../../access/permissions.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import {
  ACTIVE_STATES,
  changeRollout,
  createRollout,
  deleteRollout,
  listRollouts,
  ROLLOUT_STATES,
  type RolloutFilter,
  type RolloutState,
} from '../../../catalog/rollouts.ts'
import { ConflictError, InvalidError } from '../../../errors.ts'
import { auditDelete } from '../audit.ts'
import { callerOf } from '../caller.ts'
import { fleetNumber, orgOfBody } from '../lookup.ts'
import { rolloutOfPath } from '../ota-lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import {
  fleetOfOrg,
  NewRolloutBody,
  RolloutBody,
  readNewPolicy,
  readPolicy,
  readStages,
  tagByName,
} from '../rollout-fields.ts'
import { rolloutViews } from '../rollout-names.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { RolloutView } from '../views/rollout.ts'

const tags = ['rollout']
export const RolloutPath = Type.Object({ id: Type.String() })

const RolloutQuery = Type.Object({
  ...PageQuery,
  org: Type.Optional(Type.String({ description: 'Slug' })),
  fleet: Type.Optional(Type.String({ description: 'Slug' })),
  state: Type.Optional(Type.Enum(ROLLOUT_STATES)),
  staff: Type.Optional(Type.String({ description: '`1`: all organisations, for staff' })),
})

export function rolloutRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock, rollouts } = services

  http.get(
    '/rollout/',
    {
      schema: {
        tags,
        summary: 'List rollouts, newest first',
        querystring: RolloutQuery,
        response: { 200: PageOf(RolloutView) },
      },
    },
    async (request) => {
      const sight = sightOf(callerOf(request), { asStaff: request.query.staff === '1' })
      const filter = await readFilter(services, request.query)
      const none = { count: 0, rows: [] }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) =>
        filter ? listRollouts(catalog, { sight, filter }, page) : none,
      )
      const results = await rolloutViews(services, rows)
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/rollout/',
    {
      schema: {
        tags,
        summary: 'Create a rollout; no device hears of it before it is started',
        body: NewRolloutBody,
        response: { 201: RolloutView },
      },
    },
    async (request, reply) => {
      const { body } = request
      const org = await orgOfBody(services, request, { slug: body.org, permission: 'manage_ota' })
      const { package: title, rollback_tag: back, fleet } = body
      const tag = await tagByName(services, { title, tag: body.tag })
      const rollback = back
        ? await tagByName(services, { title, tag: back, field: 'rollback_tag' })
        : undefined
      if (rollback?.id === tag.id) {
        throw InvalidError.field('rollback_tag', 'It is the tag that is rolled out; name an older one.')
      }
      const fleetId = fleet
        ? await fleetOfOrg(services, { orgId: org.id, slug: fleet, field: 'fleet' })
        : null
      const stages = await readStages(services, { orgId: org.id, stages: body.stages })
      const rollout = {
        ...readNewPolicy(body),
        org_id: org.id,
        package_id: tag.package_id,
        tag_id: tag.id,
        rollback_tag_id: rollback?.id ?? null,
        fleet_id: fleetId,
        created_by: callerOf(request).accountId,
        created_at_us: clock.nowUs(),
      }
      const row = await createRollout(catalog, rollout, stages)
      const [view] = await rolloutViews(services, [row])
      return reply.code(201).send(view)
    },
  )

  http.get(
    '/rollout/:id/',
    {
      schema: {
        tags,
        summary: 'Read a rollout, with how many of its devices are where',
        params: RolloutPath,
        response: { 200: RolloutView },
      },
    },
    async (request) => {
      const wanted = { text: request.params.id, permission: 'view' } as const
      const { id } = await rolloutOfPath(services, request, wanted)
      await rollouts.refresh(id)
      const [view] = await rolloutViews(services, [await rolloutOfPath(services, request, wanted)])
      return view
    },
  )

  http.patch(
    '/rollout/:id/',
    {
      schema: {
        tags,
        summary: 'Change name and limits of a rollout that has not ended',
        params: RolloutPath,
        body: RolloutBody,
        response: { 200: RolloutView },
      },
    },
    async (request) => {
      const { id: text } = request.params
      const { id, state } = await rolloutOfPath(services, request, { text, permission: 'manage_ota' })
      const changes = readPolicy(request.body)
      if (Object.keys(changes).length > 0) {
        const row = await changeRollout(catalog, id, { from: ['draft', ...ACTIVE_STATES], changes })
        if (row === undefined) throw new ConflictError(`The rollout is ${state}; make a new one.`)
        await rollouts.refresh(id)
      }
      const row = await rolloutOfPath(services, request, { text, permission: 'view' })
      const [view] = await rolloutViews(services, [row])
      return view
    },
  )

  http.delete(
    '/rollout/:id/',
    {
      schema: {
        tags,
        summary: 'Delete a draft, or a rollout that has ended; its tags may go then',
        params: RolloutPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id: text } = request.params
      const { id, name } = await rolloutOfPath(services, request, { text, permission: 'manage_ota' })
      await deleteRollout(catalog, id)
      await auditDelete(services, request, { target: `rollout ${id}`, detail: name })
      return reply.code(204).send(null)
    },
  )
}

/** Undefined when the filter names something that does not exist, and no rollout can match. */
async function readFilter(
  { catalog }: RestServices,
  { org: slug, fleet, state }: Static<typeof RolloutQuery>,
): Promise<RolloutFilter | undefined> {
  const org = slug ? await findOrgBySlug(catalog, slug) : undefined
  if (slug && org === undefined) return undefined
  return {
    ...(org === undefined ? {} : { orgId: org.id }),
    ...(fleet ? { fleetId: fleetNumber('fleet', fleet) } : {}),
    ...(state ? { state: state as RolloutState } : {}),
  }
}
