/** Fleets and what is sent to their devices. */
import { canonicalSlug } from '../../slugs/parse-slug.ts'
import { find } from '../find-object.ts'
import { type Ask, notFound, objectOf, pageOf, Refusal, requireFields } from '../mock-http.ts'
import type { MockObject } from '../mock-state.ts'
import { objectRoutes } from './object-routes.ts'
import type { Routes } from './route.ts'

function membersOf({ state, names }: Ask): MockObject[] {
  const { slug } = find(state.fleets, names.id)
  return state.fleetDevices.get(String(slug)) ?? []
}

function deviceOf(ask: Ask): { device: string; body: MockObject } {
  const body = objectOf(ask)
  requireFields(body, ['device'])
  return { device: String(find(ask.state.devices, String(body.device)).slug), body }
}

export const FLEET_ROUTES: Routes = {
  ...objectRoutes({
    path: 'fleet',
    map: ({ fleets }) => fleets,
    filters: { org: 'org' },
    isListed({ slug, is_network }, { state, query }) {
      const device = query.get('device')
      const isWished = query.get('is_network')
      const members = state.fleetDevices.get(String(slug)) ?? []
      const hasDevice = members.some((member) => member.device === (canonicalSlug(device ?? '') ?? device))
      const isNetwork = /^(1|true)$/i.test(isWished ?? '')
      return (device === null || hasDevice) && (isWished === null || is_network === isNetwork)
    },
  }),
  'fleet/:id/devices': { GET: (ask) => pageOf(ask, membersOf(ask)) },
  'fleet/:id/register': {
    POST(ask) {
      const members = membersOf(ask)
      const { device, body } = deviceOf(ask)
      if (members.some((member) => member.device === device)) {
        throw new Refusal(400, { error: `Device ${device} already exists in fleet` })
      }
      const { always_on = true, is_access_point = false } = body
      members.push({ device, always_on, is_access_point })
      return { status: 201, body: members.at(-1) }
    },
  },
  'fleet/:id/deregister': {
    POST(ask) {
      const members = membersOf(ask)
      const { device } = deviceOf(ask)
      const at = members.findIndex((member) => member.device === device)
      if (at < 0) throw notFound()
      return { status: 202, body: members.splice(at, 1)[0] }
    },
  },
  'ota/device/:id': { GET: ({ state, names }) => ({ status: 200, body: find(state.otaDevices, names.id) }) },
  'ota/request': { GET: (ask) => pageOf(ask, [...ask.state.otaRequests.values()]) },
  'ota/request/:id': {
    GET: ({ state, names }) => ({ status: 200, body: find(state.otaRequests, names.id) }),
  },
  'ota/action': {
    GET: (ask) => pageOf(ask, ask.state.otaActions),
    POST(ask) {
      const body = objectOf(ask)
      requireFields(body, ['deployment', 'device'])
      const { deployment, device } = body
      ask.state.otaActions.push({ id: ask.state.otaActions.length + 1, ...body })
      return { status: 200, body: { deployment, device } }
    },
  },
}
