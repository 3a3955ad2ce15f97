/**
 * Who may call which route of the REST API: a row for each. Bodies are such that who is let in changes little,
 * and can ask again.
 */
import {
  type AccessRow,
  type AccessWorld,
  ALL,
  CSV,
  DATA,
  ENGINEERS,
  FORM,
  GONE,
  LET_IN,
  LIST,
  MANAGE,
  MODIFY,
  MODIFY_DEVICE,
  NOBODY,
  OPEN,
  OWN,
  REPORT,
  type Rule,
  STAFF,
  STAFF_WITHIN,
  STRANGER,
  VIEW,
} from './access-rules.fixture.ts'
import { controlAccessTable } from './access-table-control.fixture.ts'
import { fleetAccessTable } from './access-table-fleets.fixture.ts'

/** In the order in which they are to be asked. */
export function accessTable(at: AccessWorld): readonly AccessRow[] {
  const credentials = { email: 'admin', password: at.password }
  const report = `report/generated/${at.report}/`
  const device = `device/${at.device}/`
  const project = `project/${at.project}/`
  const stream = `stream/${at.stream}/`
  const variable = `variable/${at.variable}/`
  const block = `datablock/${at.block}/`
  const event = `event/${at.event}/`
  const property = `property/${at.property}/`
  const modify: Rule = { roles: MODIFY_DEVICE, scopes: ['admin'] }
  const write: Rule = { roles: ALL, scopes: ['write'], outsider: 403, deviceKey: LET_IN }
  const happened = { stream: at.stream, timestamp: '2026-01-01T00:00:00Z', extra_data: {} }
  const point = { stream: at.stream, timestamp: '2026-01-01T00:00:00Z', value: 1 }
  return [
    ['POST /auth/login/', OPEN, 'auth/login/', credentials],
    ['POST /auth/api-jwt-auth/', OPEN, 'auth/api-jwt-auth/', credentials],
    ['POST /auth/api-jwt-verify/', OPEN, 'auth/api-jwt-verify/', { token: 'x' }],
    ['POST /auth/api-jwt-refresh/', OPEN, 'auth/api-jwt-refresh/', { token: 'x' }],
    ['GET /auth/user-info/', { ...LIST, ...NOBODY }, 'auth/user-info/'],
    ['POST /auth/password/reset/', OPEN, 'auth/password/reset/', { email: 'nobody' }],
    ['GET /auth/password/reset/', STAFF, 'auth/password/reset/'],
    [
      'POST /auth/password/reset/confirm/',
      OPEN,
      'auth/password/reset/confirm/',
      { token: 'x', password: 'y' },
    ],
    ['GET /auth/token/', { ...OWN, scopes: ['session'] }, 'auth/token/'],

    ['GET /account/', LIST, 'account/'],
    ['POST /account/', { ...STAFF, ...NOBODY }, 'account/', { username: 'a b', email: 'a@b', password: 'c' }],
    ['GET /account/:slug/', STRANGER, 'account/admin/'],
    ['PUT /account/:slug/', STRANGER, 'account/admin/', {}],
    ['PATCH /account/:slug/', STRANGER, 'account/admin/', {}],
    ['POST /account/:slug/set_password/', STRANGER, 'account/admin/set_password/', { password: '' }],
    ['POST /account/:slug/reset_token/', STRANGER, 'account/admin/reset_token/'],

    ['GET /token/', OWN, 'token/'],
    ['POST /token/', OWN, 'token/', { name: 'x', scopes: ['admin'] }],
    ['GET /token/:id/', { ...OWN, ...GONE, outsider: 404 }, 'token/x/'],
    ['DELETE /token/:id/', { ...OWN, ...GONE, outsider: 404 }, 'token/x/'],

    ['GET /org/', LIST, 'org/'],
    ['POST /org/', OWN, 'org/', { name: '!' }],
    ['GET /org/:slug/', VIEW, 'org/home/'],
    ['PUT /org/:slug/', MANAGE, 'org/home/', {}],
    ['PATCH /org/:slug/', MANAGE, 'org/home/', {}],
    ['DELETE /org/:slug/', STAFF_WITHIN, 'org/home/'],
    ['GET /org/:slug/projects/', VIEW, 'org/home/projects/'],
    ['GET /org/:slug/devices/', VIEW, 'org/home/devices/'],
    ['GET /org/:slug/extra/', VIEW, 'org/home/extra/'],
    ['GET /org/:slug/members/', VIEW, 'org/home/members/'],
    ['GET /org/:slug/membership/', VIEW, 'org/home/membership/'],
    ['POST /org/:slug/register/', MANAGE, 'org/home/register/', { user: 'nobody', role: 'm1' }],
    ['PUT /org/:slug/members/:account/', MANAGE, 'org/home/members/of-m1/', {}],
    ['PATCH /org/:slug/members/:account/', MANAGE, 'org/home/members/of-m1/', {}],
    ['DELETE /org/:slug/members/:account/', { ...MANAGE, ...GONE }, 'org/home/members/nobody/'],
    ['GET /org/:slug/key/', MANAGE, 'org/home/key/'],
    ['POST /org/:slug/key/', { ...MANAGE, scopes: ['read', 'admin'] }, 'org/home/key/', {}],
    ['DELETE /org/:slug/key/:id/', { ...MANAGE, ...GONE }, 'org/home/key/x/'],

    ['GET /project/', LIST, 'project/'],
    ['POST /project/', { ...MANAGE, outsider: 400 }, 'project/', { name: 'x', org: 'home' }],
    ['GET /project/:id/', VIEW, project],
    ['PUT /project/:id/', MANAGE, project, {}],
    ['PATCH /project/:id/', MANAGE, project, {}],
    ['DELETE /project/:id/', { ...STAFF_WITHIN, scopes: ['read'], member: 400 }, project],
    ['GET /project/:id/extra/', VIEW, `${project}extra/`],

    ['GET /device/', { ...LIST, deviceKey: LET_IN }, 'device/'],
    ['POST /device/', STAFF, 'device/', { slug: 'x' }],
    ['GET /device/:slug/', { ...VIEW, deviceKey: LET_IN }, device],
    ['PUT /device/:slug/', MODIFY, device, {}],
    ['PATCH /device/:slug/', MODIFY, device, {}],
    ['DELETE /device/:slug/', STAFF_WITHIN, device],
    ['GET /device/:slug/key/', MODIFY, `${device}key/`],
    ['POST /device/:slug/key/', { ...MODIFY, scopes: ['read', 'write', 'admin'] }, `${device}key/`, {}],
    ['DELETE /device/:slug/key/:id/', { ...MODIFY, ...GONE }, `${device}key/x/`],

    ['GET /variable/', LIST, 'variable/'],
    ['POST /variable/', MANAGE, 'variable/', { project: at.project, lid: 1, name: 'x' }],
    ['GET /variable/:slug/', VIEW, variable],
    ['PUT /variable/:slug/', MANAGE, variable, {}],
    ['PATCH /variable/:slug/', MANAGE, variable, {}],
    ['DELETE /variable/:slug/', { ...STAFF_WITHIN, scopes: ['read'], member: 400 }, variable],

    ['GET /stream/', { ...LIST, deviceKey: LET_IN }, 'stream/'],
    [
      'POST /stream/',
      { roles: ENGINEERS, scopes: ['provision'] },
      'stream/',
      { variable: at.variable, device: at.device },
    ],
    ['GET /stream/:slug/', { ...VIEW, deviceKey: LET_IN }, stream],
    ['PUT /stream/:slug/', { ...MODIFY, scopes: ['admin'] }, stream, {}],
    ['PATCH /stream/:slug/', { ...MODIFY, scopes: ['admin'] }, stream, {}],
    ['DELETE /stream/:slug/', { ...STAFF_WITHIN, scopes: ['read'], member: 400 }, at.newStream],
    ['GET /stream/:slug/data/', { ...DATA, deviceKey: LET_IN }, `${stream}data/`],
    ['GET /stream/:slug/csv/', { ...DATA, deviceKey: LET_IN }, `${stream}csv/`],
    ['DELETE /stream/:slug/data/', MANAGE, `${stream}data/?start=2000-01-01&end=2000-01-02`],

    ['GET /data/', { ...LIST, deviceKey: LET_IN }, `data/?filter=${at.stream}`],
    ['POST /data/', { roles: ALL, scopes: ['write'], outsider: 403, deviceKey: LET_IN }, 'data/', point],
    ['GET /df/', { ...LIST, deviceKey: LET_IN }, `df/?filter=${at.stream}`],
    ['GET /query/', { ...LIST, deviceKey: LET_IN }, `query/?filter=${at.stream}`],

    [
      'POST /import/csv/',
      { roles: ALL, scopes: ['write'] },
      `import/csv/?project=${at.project}&device=pump`,
      'time,flow\n',
      CSV,
    ],
    ['POST /import/electricity/', STAFF, 'import/electricity/', '--x--\r\n', FORM],
    ['POST /admin/backup/', STAFF, 'admin/backup/', { path: '/nowhere' }],

    ['GET /report/generated/', LIST, 'report/generated/'],
    [
      'POST /report/generated/',
      { ...REPORT, outsider: 400 },
      'report/generated/',
      { label: 'x', org: 'home' },
    ],
    ['GET /report/generated/:id/', DATA, report],
    ['PUT /report/generated/:id/', REPORT, report, {}],
    ['PATCH /report/generated/:id/', REPORT, report, {}],
    ['DELETE /report/generated/:id/', REPORT, at.newReport],
    ['POST /report/generated/:id/uploadurl/', REPORT, `${report}uploadurl/`, { name: 'a.txt' }],
    ['POST /report/generated/:id/uploadsuccess/', REPORT, `${report}uploadsuccess/`, { name: 'a.txt' }],
    ['GET /report/generated/:id/files/', DATA, `${report}files/`],
    [
      'GET /report/generated/:id/file/*',
      { ...DATA, ...GONE, deviceKey: 401, orgKey: 401 },
      `${report}file/a.txt`,
    ],
    ['POST /report/upload/', OPEN, 'report/upload/', '--x--\r\n', FORM],
    [
      'POST /report/accumulation/',
      LIST,
      'report/accumulation/',
      { sources: [at.device], start: '2020-01-01' },
    ],

    ['GET /event/', { ...LIST, deviceKey: LET_IN }, `event/?filter=${at.stream}`],
    ['POST /event/', write, 'event/', happened],
    ['GET /event/:id/', { ...DATA, deviceKey: LET_IN }, event],
    ['GET /event/:id/data/', { ...DATA, deviceKey: LET_IN }, `${event}data/`],
    ['PUT /event/:id/', MANAGE, event, {}],
    ['PATCH /event/:id/', MANAGE, event, {}],
    ['DELETE /event/:id/', MANAGE, at.newEvent],
    ['POST /event/upload/', write, 'event/upload/', eventForm(at.stream), FORM],

    ['GET /property/', VIEW, `property/?target=${at.device}`],
    ['POST /property/', modify, 'property/', { target: at.device, name: 'x' }],
    ['GET /property/:id/', VIEW, property],
    ['PUT /property/:id/', modify, property, {}],
    ['PATCH /property/:id/', modify, property, {}],
    ['DELETE /property/:id/', modify, at.newProperty],
    ['GET /device/:slug/properties/', { ...VIEW, deviceKey: LET_IN }, `${device}properties/`],
    ['POST /device/:slug/new_property/', modify, `${device}new_property/`, { name: 'x' }],
    ['GET /project/:slug/properties/', VIEW, `${project}properties/`],
    [
      'POST /project/:slug/new_property/',
      { ...MANAGE, scopes: ['read', 'admin'] },
      `${project}new_property/`,
      { name: 'x' },
    ],

    ['GET /datablock/', LIST, 'datablock/'],
    [
      'POST /datablock/',
      { ...MANAGE, scopes: ['read', 'admin'], outsider: 400 },
      'datablock/',
      { device: at.spare, title: 'x' },
    ],
    ['GET /datablock/:slug/', VIEW, block],
    ['PUT /datablock/:slug/', MANAGE, block, {}],
    ['PATCH /datablock/:slug/', MANAGE, block, {}],
    ['DELETE /datablock/:slug/', STAFF_WITHIN, at.newBlock],
    ['GET /datablock/:slug/extra/', VIEW, `${block}extra/`],
    ['GET /org/:slug/archives/', VIEW, 'org/home/archives/'],
    ['GET /datablock/:slug/properties/', VIEW, `${block}properties/`],
    ['POST /datablock/:slug/new_property/', MANAGE, `${block}new_property/`, { name: 'x' }],

    ...fleetAccessTable(at),
    ...controlAccessTable(at),

    // The last, since nothing is left of the callers' sessions.
    ['POST /auth/logout/', { ...OWN, scopes: [] }, 'auth/logout/'],
  ]
}

function eventForm(stream: string): string {
  const part = (head: string, value: string) =>
    `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`
  const fields = [part('name="stream"', stream), part('name="timestamp"', '2026-01-01T00:00:00Z')]
  return `${fields.join('')}${part('name="file"; filename="a.json"', '{}')}--x--\r\n`
}
