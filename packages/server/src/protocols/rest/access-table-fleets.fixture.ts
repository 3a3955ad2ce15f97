/** Who may call which route about fleets, firmware, kinds of things, and the state of devices. */
import {
  type AccessRow,
  type AccessWorld,
  ALL,
  ENGINEERS,
  FORM,
  IN_CHARGE,
  LET_IN,
  LIST,
  MANAGE,
  type Rule,
  STAFF,
  VIEW,
} from './access-rules.fixture.ts'

const OTA: Rule = { roles: ENGINEERS, scopes: ['admin'] }
/** A foreign organisation in a body is a field that is wrong. */
const OTA_IN_ORG: Rule = { ...OTA, outsider: 400 }
const DEVICE: Rule = { ...VIEW, deviceKey: LET_IN }
const CLAIM: Rule = { roles: IN_CHARGE, scopes: ['provision'] }
/** Kinds of things are for everybody to read; the ones asked for here do not exist. */
const KIND: Rule = { ...LIST, orgKey: LET_IN }
const NO_KIND: Rule = { roles: ALL, scopes: ['read'], allowed: 404, orgKey: 404 }
const NO_KIND_STAFF: Rule = { ...STAFF, allowed: 404 }

export function fleetAccessTable(at: AccessWorld): readonly AccessRow[] {
  const device = `device/${at.device}/`
  const spare = `device/${at.spare}/`
  const fleet = `fleet/${at.fleet}/`
  const script = `ota/script/${at.script}/`
  const request = `ota/request/${at.request}/`
  const action = `ota/action/${at.action}/`
  const rollout = `rollout/${at.rollout}/`
  const ofSpare = { device: at.spare }
  return [
    ...['sg', 'dt', 'vartype'].flatMap((kind): AccessRow[] => [
      [`GET /${kind}/`, KIND, `${kind}/`],
      [`POST /${kind}/`, STAFF, `${kind}/`, { name: '!', external_sku: '!' }],
      [`GET /${kind}/:slug/`, NO_KIND, `${kind}/nothing/`],
      [`PUT /${kind}/:slug/`, NO_KIND_STAFF, `${kind}/nothing/`, {}],
      [`PATCH /${kind}/:slug/`, NO_KIND_STAFF, `${kind}/nothing/`, {}],
      [`DELETE /${kind}/:slug/`, NO_KIND_STAFF, `${kind}/nothing/`],
    ]),
    ['GET /variable/:slug/type/', VIEW, `variable/${at.variable}/type/`],
    ['GET /device/:slug/sg/', { ...DEVICE, allowed: 404, deviceKey: 404 }, `${device}sg/`],
    ['GET /device/:slug/template/', { ...DEVICE, allowed: 404, deviceKey: 404 }, `${device}template/`],
    ['GET /device/:slug/extra/', DEVICE, `${device}extra/`],
    ['GET /device/:slug/health/', DEVICE, `${device}health/`],
    ['GET /device/:slug/status/', DEVICE, `${device}status/`],
    ['GET /device/:slug/versions/', DEVICE, `${device}versions/`],
    ['POST /device/:slug/reset/', { ...MANAGE, scopes: ['read', 'admin'] }, `${spare}reset/`, {}],
    ['POST /device/:slug/trim/', { ...MANAGE, scopes: ['read', 'admin'] }, `${spare}trim/`, {}],
    ['POST /device/claim/', CLAIM, 'device/claim/', { ...ofSpare, project: at.project }],
    ['POST /device/claimable/', LIST, 'device/claimable/', { slugs: [] }],
    [
      'POST /device/:slug/unclaim/',
      { ...CLAIM, scopes: ['read', 'provision'] },
      async () => `${await at.newDevice()}unclaim/`,
      {},
    ],
    ['POST /org/:slug/invite/', MANAGE, 'org/home/invite/', { email: 'nobody@example.org' }],

    ['GET /fleet/', LIST, 'fleet/'],
    ['POST /fleet/', OTA_IN_ORG, 'fleet/', { name: 'x', org: 'home' }],
    ['GET /fleet/:slug/', VIEW, fleet],
    ['PUT /fleet/:slug/', OTA, fleet, {}],
    ['PATCH /fleet/:slug/', OTA, fleet, {}],
    ['DELETE /fleet/:slug/', OTA, at.newFleet],
    ['GET /fleet/:slug/devices/', VIEW, `${fleet}devices/`],
    ['POST /fleet/:slug/register/', OTA, `${fleet}register/`, ofSpare],
    ['POST /fleet/:slug/deregister/', OTA, `${fleet}deregister/`, ofSpare],

    ['GET /device/:slug/firmware/', DEVICE, `${device}firmware/`],
    [
      'PUT /device/:slug/firmware/',
      { ...OTA, scopes: ['read', 'admin'] },
      `${device}firmware/`,
      { package: null },
    ],
    ['GET /rollout/', LIST, 'rollout/'],
    ['POST /rollout/', OTA_IN_ORG, 'rollout/', { org: 'home', package: 'blinker', tag: '1.0' }],
    ['GET /rollout/:id/', VIEW, rollout],
    ['PATCH /rollout/:id/', OTA, rollout, {}],
    ['DELETE /rollout/:id/', OTA, at.newRollout],
    ['GET /rollout/:id/devices/', VIEW, `${rollout}devices/`],
    ...['start', 'pause', 'resume', 'advance', 'rollback', 'abort'].map(
      (action): AccessRow => [`POST /rollout/:id/${action}/`, OTA, `${rollout}${action}/`],
    ),

    ['GET /ota/device/:slug/', VIEW, `ota/device/${at.device}/`],
    ['GET /ota/script/', LIST, 'ota/script/'],
    ['POST /ota/script/', OTA_IN_ORG, 'ota/script/', { name: 'x', org: 'home' }],
    ['GET /ota/script/:slug/', VIEW, script],
    ['PUT /ota/script/:slug/', OTA, script, {}],
    ['PATCH /ota/script/:slug/', OTA, script, {}],
    ['DELETE /ota/script/:slug/', OTA, at.newScript],
    ['GET /ota/script/:slug/file/', { ...VIEW, allowed: 404 }, `${script}file/`],
    ['GET /ota/script/:slug/file/content/', { ...VIEW, allowed: 404 }, `${script}file/content/`],
    ['POST /ota/script/:slug/file/', OTA, `${script}file/`, '--x--\r\n', FORM],
    ['GET /ota/request/', LIST, 'ota/request/'],
    ['POST /ota/request/', OTA_IN_ORG, 'ota/request/', { org: 'home', script: at.script }],
    ['GET /ota/request/:id/', VIEW, request],
    ['PUT /ota/request/:id/', OTA, request, {}],
    ['PATCH /ota/request/:id/', OTA, request, {}],
    ['DELETE /ota/request/:id/', OTA, at.newRequest],
    ['GET /ota/request/:id/devices/', VIEW, `${request}devices/`],
    ['GET /ota/action/', LIST, 'ota/action/'],
    ['POST /ota/action/', OTA, 'ota/action/', { ...ofSpare, deployment: at.request }],
    ['GET /ota/action/:id/', VIEW, action],
    ['PUT /ota/action/:id/', OTA, action, {}],
    ['PATCH /ota/action/:id/', OTA, action, {}],
    ['GET /ota/version/', LIST, 'ota/version/'],
    [
      'POST /ota/version/',
      { ...OTA, scopes: ['read', 'admin'] },
      'ota/version/',
      { ...ofSpare, type: 'os', tag: 1, version: '1.0' },
    ],
  ]
}
