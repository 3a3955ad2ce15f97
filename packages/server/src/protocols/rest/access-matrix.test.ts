/**
 * Who may do what: every route of the API, asked by everybody that there is. A route that is not in the table
 * (`access-table.fixture.ts`) fails here; say there who may call it.
 */
import { Readable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { findAccountByUsername } from '../../catalog/accounts.ts'
import { publishTag } from '../../catalog/publish-tag.ts'
import { type AccessWorld, FORM, LET_IN, type Rule, type Wanted } from './access-rules.fixture.ts'
import { accessTable } from './access-table.fixture.ts'
import { reportForm, UPLOAD_PATH } from './access-table-control.fixture.ts'
import { ADMIN, openRestBench } from './rest.fixture.ts'

const ROLES = ['a0', 'a1', 'm1', 'r1', 'd1', 's0'] as const
const SCOPES = ['read', 'write', 'provision', 'admin'] as const

interface AskingCaller {
  readonly name: string
  readonly authorization: string | undefined
  /** What a rule means for this caller. */
  readonly expected: (rule: Rule) => Wanted
}

const bench = await openRestBench({}, afterAll)
const at = await makeWorld()
const callers = await makeCallers()
const table = accessTable(at)

async function create(path: string, body: object, token: string = ADMIN.token) {
  const reply = await bench.ask(path, { method: 'POST', body, token })
  if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${reply.text}`)
  return reply.body
}

async function makeWorld(): Promise<AccessWorld> {
  const project = await create('project/', { name: 'Garden', org: 'home' })
  const device = await create('device/', { label: 'pump', project: project.id })
  const variable = await create('variable/', { project: project.id, lid: 1, name: 'flow' })
  const stream = await create('stream/', { variable: variable.slug, device: device.slug })
  const newReport = () => create('report/generated/', { label: 'x', org: 'home' })
  const newVariable = () => create('variable/', { project: project.id, name: 'x' })
  const newStream = async () =>
    create('stream/', { variable: (await newVariable()).slug, device: device.slug })
  const spare = await create('device/', { label: 'spare', project: project.id })
  const newEvent = () =>
    create('event/', { stream: stream.slug, timestamp: '2026-01-01T00:00:00Z', extra_data: {}, data: {} })
  const newProperty = () => {
    const name = `p${propertyCount++}`
    return create('property/', { target: device.slug, name, int_value: 1 })
  }
  const newBlock = async () => {
    const ofSpare = `s--${project.gid}--${spare.gid}--0001`
    await create('data/', { stream: ofSpare, timestamp: '2026-01-01T00:00:00Z', value: 1 })
    return create('datablock/', { device: spare.slug, title: 'x' })
  }
  let propertyCount = 0
  const newFleet = () => create('fleet/', { name: 'x', org: 'home' })
  const newScript = () => create('ota/script/', { name: 'x', org: 'home' })
  const script = await newScript()
  const newRequest = () => create('ota/request/', { org: 'home', script: script.slug })
  const newDevice = () => create('device/', { label: 'x', project: project.id })
  const request = await newRequest()
  const newStreamer = () => create('streamer/', { device: device.slug, index: ++streamerCount })
  let streamerCount = 1
  await bench.ask(UPLOAD_PATH, { method: 'POST', body: reportForm(device.slug as string), headers: FORM })
  const [streamerReport] = (await bench.ask('streamer/report/')).body.results
  await publishBlinker()
  const newRollout = () => create('rollout/', { org: 'home', package: 'blinker', tag: '1.0' })
  await create('data/', { stream: stream.slug, timestamp: '2026-01-01T00:00:00Z', value: 1 })
  return {
    project: project.slug as string,
    device: device.slug as string,
    variable: variable.slug as string,
    stream: stream.slug as string,
    report: (await newReport()).id as string,
    event: (await newEvent()).id as number,
    property: (await newProperty()).id as number,
    spare: spare.slug as string,
    block: (await newBlock()).slug as string,
    fleet: (await newFleet()).slug as string,
    script: script.slug as string,
    request: request.id as number,
    action: (await create('ota/action/', { deployment: request.id, device: device.slug })).id as number,
    streamer: streamerReport.streamer as string,
    streamerReport: streamerReport.id as string,
    command: (await create(`device/${device.slug}/command/`, { name: 'open' })).id as number,
    rollout: (await newRollout()).id as number,
    password: ADMIN.password,
    newStream: async () => `stream/${(await newStream()).slug}/`,
    newEvent: async () => `event/${(await newEvent()).id}/`,
    newProperty: async () => `property/${(await newProperty()).id}/`,
    newBlock: async () => `datablock/${(await newBlock()).slug}/`,
    newDevice: async () => `device/${(await newDevice()).slug}/`,
    newFleet: async () => `fleet/${(await newFleet()).slug}/`,
    newScript: async () => `ota/script/${(await newScript()).slug}/`,
    newRequest: async () => `ota/request/${(await newRequest()).id}/`,
    newStreamer: async () => `streamer/${(await newStreamer()).slug}/`,
    newRollout: async () => `rollout/${(await newRollout()).id}/`,
    newReport: async () => `report/generated/${(await newReport()).id}/`,
  }
}

/** A package with a tag, as the package manager would leave it. */
async function publishBlinker(): Promise<void> {
  const { catalog, blobs } = bench.services
  const admin = await findAccountByUsername(catalog, ADMIN.username)
  const { sha256, md5, sizeBytes } = await blobs.put(Readable.from([Buffer.from('x')]), { bytesMax: 1 })
  const file = { name: 'x.bin', media_type: 'application/octet-stream', size_bytes: sizeBytes, sha256, md5 }
  const publisher = { accountId: admin!.id, isStaff: true }
  await publishTag(
    catalog,
    { packageTitle: 'blinker', tag: '1.0', publisher, files: [file], isReplacing: false, nowUs: 0 },
    { isOwnerOnly: false, tagsKept: 1, quota: { bytes: 1, packages: 1, tags: 1, files: 1 } },
  )
}

async function makeCallers(): Promise<AskingCaller[]> {
  const callers: AskingCaller[] = []
  const add = (name: string, authorization: string | undefined, expected: AskingCaller['expected']) =>
    callers.push({ name, authorization, expected })
  for (const role of ROLES) {
    add(role, `Token ${await bench.user(`of-${role}`, role)}`, ({ roles, allowed = LET_IN, member = 403 }) =>
      roles.includes(role) ? allowed : member,
    )
  }
  add('an outsider', `Token ${await bench.user('outsider')}`, ({ outsider = 404 }) => outsider)
  const credentials = { email: ADMIN.username, password: ADMIN.password }
  const staff = await bench.ask('auth/login/', { method: 'POST', body: credentials, token: null })
  add('staff', `Token ${staff.body.token}`, ({ allowed = LET_IN }) => allowed)
  add('nobody', undefined, ({ anonymous = 401 }) => anonymous)
  const owner = await bench.user('owner', 'a0')
  for (const scope of SCOPES) {
    const { token } = await create('token/', { name: scope, scopes: [scope] }, owner)
    add(
      `an owner's token with ${scope}`,
      `Token ${token}`,
      ({ roles, scopes, allowed = LET_IN, member = 403 }) => {
        if (scopes.some((needed) => needed !== scope)) return 403
        return roles.includes('a0') ? allowed : member
      },
    )
  }
  const { key: deviceKey } = await create(`device/${at.device}/key/`, {})
  add('the key of the device', `a-jwt ${deviceKey}`, (rule) => rule.deviceKey ?? 403)
  const { key: orgKey } = await create('org/home/key/', {})
  add('the key of the organization', `Api-Key ${orgKey}`, (rule) => rule.orgKey ?? 403)
  return callers
}

const outcome = (status: number) => ([401, 403, 404, 500].includes(status) ? status : LET_IN)

describe('access', () => {
  for (const [route, rule, path, body = '', more = {}] of table) {
    it(`to ${route}`, async () => {
      const answers: Record<string, unknown> = {}
      const expected: Record<string, unknown> = {}
      for (const { name, authorization, expected: expectedOf } of callers) {
        const { statusCode } = await bench.http.inject({
          method: route.split(' ')[0] as 'GET',
          url: `/api/v1/${typeof path === 'string' ? path : await path()}`,
          headers: { 'content-type': 'application/json', ...(authorization && { authorization }), ...more },
          payload: typeof body === 'string' ? body : JSON.stringify(body),
        })
        const wanted = expectedOf(rule)
        expected[name] = wanted
        answers[name] = wanted === LET_IN ? outcome(statusCode) : statusCode
      }
      expect(answers).toEqual(expected)
    })
  }

  it('is said of every route', () => {
    const routes = bench.routes.filter((route) => !route.startsWith('HEAD '))
    expect(routes.length).toBeGreaterThan(50)
    expect([...new Set(table.map(([route]) => route))].sort()).toEqual([...routes].sort())
  })

  it.each(['data/', 'df/', 'query/'])('to points in %s is for those who may read data', async (path) => {
    const seen: Record<string, boolean> = {}
    for (const role of ['a0', 'r1', undefined] as const) {
      // The last row of the table has ended the sessions.
      const token = await bench.user(`${role}-${path.slice(0, -1)}`, role)
      const { text } = await bench.ask(`${path}?filter=${at.project}`, { token })
      seen[role ?? 'outsider'] = text.includes(at.stream)
    }
    expect(seen).toEqual({ a0: true, r1: false, outsider: false })
  })
})
