/** `/api/v1/rollout/<id>/start/` and its neighbours, and the devices of a rollout. */
import { sightOf } from '../../../access/permissions.ts'
import { DEVICE_STATES, type DeviceState, listRolloutDevices } from '../../../catalog/rollout-devices.ts'
import { InvalidError } from '../../../errors.ts'
import { ROLLOUT_ACTIONS, type RolloutAction } from '../../../rollout/rollouts.ts'
import { callerOf } from '../caller.ts'
import { rolloutOfPath } from '../ota-lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { rolloutDeviceViews, rolloutViews } from '../rollout-names.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { RolloutDeviceView, RolloutView } from '../views/rollout.ts'
import { RolloutPath } from './rollout.ts'

const tags = ['rollout']

const SUMMARIES: Readonly<Record<RolloutAction, string>> = {
  start: 'Start a draft: its devices are put into stages, and the first stage is opened',
  pause: 'Offer the new tag to nobody for now; devices that have it are still heard',
  resume: 'Go on; attempts are counted from the beginning',
  advance: 'Open the next stage now',
  abort: 'End a rollout; devices that have succeeded keep what they run',
  rollback: 'Take every device that got the tag back to what it ran before',
}

export function rolloutActionRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, rollouts } = services

  for (const action of ROLLOUT_ACTIONS) {
    http.post(
      `/rollout/:id/${action}/`,
      { schema: { tags, summary: SUMMARIES[action], params: RolloutPath, response: { 200: RolloutView } } },
      async (request) => {
        const { id: text } = request.params
        const { id } = await rolloutOfPath(services, request, { text, permission: 'manage_ota' })
        const row = await rollouts.act(id, action, { accountId: callerOf(request).accountId })
        const [view] = await rolloutViews(services, [row])
        return view
      },
    )
  }

  http.get(
    '/rollout/:id/devices/',
    {
      schema: {
        tags,
        summary: 'List the devices of a rollout, with how far each has come',
        params: RolloutPath,
        querystring: Type.Object({
          ...PageQuery,
          state: Type.Optional(Type.Enum(DEVICE_STATES)),
          stage: Type.Optional(Type.String({ description: 'From 1' })),
        }),
        response: { 200: PageOf(RolloutDeviceView) },
      },
    },
    async (request) => {
      const { id: text } = request.params
      const { id } = await rolloutOfPath(services, request, { text, permission: 'view' })
      const { projectId, deviceId } = sightOf(callerOf(request), { asStaff: true })
      const { state, stage } = request.query
      await rollouts.refresh(id)
      const filter = {
        rolloutId: id,
        ...(projectId === undefined ? {} : { projectId }),
        ...(deviceId === undefined ? {} : { deviceId }),
        ...(state === undefined ? {} : { state: state as DeviceState }),
        ...(stage === undefined ? {} : { stage: readStage(stage) }),
      }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listRolloutDevices(catalog, filter, page),
      )
      const results = await rolloutDeviceViews(services, rows)
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )
}

function readStage(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw InvalidError.field('stage', 'A whole number from 1 is required.')
  return Number(text) - 1
}
