/** Firmware from the upload of a script to the device that reports its version, and who may see which part. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findNamedBlobs } from '../../../catalog/blob-references.ts'
import { openRestBench, type RestBench } from '../rest.fixture.ts'

let bench: RestBench
const tokens: Record<string, string> = {}
const cleanups: (() => Promise<void>)[] = []
beforeAll(async () => {
  bench = await openRestBench({ limits: { bodyBytesMax: 10_000 } }, (cleanup) => cleanups.unshift(cleanup))
  for (const [name, role] of [
    ['engineer', 'd1'],
    ['owner', 'a0'],
    ['stranger', undefined],
  ] as const) {
    tokens[name] = await bench.user(name, role)
  }
  await post('org/', { name: 'Elsewhere' })
  await post('project/', { name: 'Field', org: 'home', slug: 'p--11' })
  await post('project/', { name: 'Other', org: 'elsewhere', slug: 'p--12' })
  for (const project of ['p--11', 'p--11', 'p--12']) await post('device/', { project, template: 'pod' })
  await post('fleet/', { name: 'North', org: 'home' })
  await post('fleet/', { name: 'Foreign', org: 'elsewhere' })
  await post('fleet/g--1/register/', { device: 'd--1' })
  await post('ota/script/', { name: 'update.trub', org: 'home', major_version: 1, minor_version: 2 })
  await post('ota/script/', { name: 'foreign.trub', org: 'elsewhere' })
  const requests = [
    {
      org: 'home',
      script: 'z--1',
      fleet: 'g--1',
      selection_criteria: ['os_tag:eq:1024'],
      released_on: '2025-01-01',
    },
    { org: 'home', script: 'z--1', released_on: '2025-01-01' },
    { org: 'home', script: 'z--1', fleet: 'g--1' },
    { org: 'elsewhere', script: 'z--2', released_on: '2025-01-01' },
    { org: 'home', script: 'z--1', released_on: '2025-01-01', completed_on: '2025-02-01' },
    { org: 'home', script: 'z--1', released_on: '2099-01-01' },
  ]
  for (const request of requests) await post('ota/request/', request)
})
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

function post(path: string, body: object, token?: string) {
  return bench.ask(path, { method: 'POST', body, ...(token ? { token } : {}) })
}
async function patch(path: string, body: object) {
  return bench.ask(path, { method: 'PATCH', body })
}
function upload(
  path: string,
  content: string,
  { part = 'file', token }: { part?: string; token?: string } = {},
) {
  const disposition = `form-data; name="${part}"${part === 'file' ? '; filename="firmware ü.trub"' : ''}`
  return bench.ask(path, {
    method: 'POST',
    body: `--x\r\ncontent-disposition: ${disposition}\r\n\r\n${content}\r\n--x--\r\n`,
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    ...(token ? { token } : {}),
  })
}
const ids = (reply: { body: any }) => reply.body.results.map((row: any) => row.id)

describe('ota/script/', () => {
  it('has a number, a version and an organisation', async () => {
    expect((await bench.ask('ota/script/z--0001/')).body).toEqual({
      slug: 'z--0000-0001',
      gid: '0000-0001',
      name: 'update.trub',
      org: 'home',
      version: 'v1.2.0',
      created_on: expect.stringMatching(/Z$/),
      released: false,
      released_on: null,
    })
    expect((await bench.ask('ota/script/', { token: tokens.owner })).body.count).toBe(1)
    expect((await bench.ask('ota/script/?org=elsewhere')).body.results[0].name).toBe('foreign.trub')
    expect((await bench.ask('ota/script/?org=nowhere')).body.count).toBe(0)
  })

  it('takes a file and gives it back, byte by byte', async () => {
    expect((await bench.ask('ota/script/z--1/file/')).status).toBe(404)
    const key = createHash('sha256').update('bytes of firmware').digest('hex')
    const file = {
      name: 'firmware ü.trub',
      url: 'http://sonde.test/api/v1/ota/script/z--1/file/content/',
      key,
      major_version: 1,
      minor_version: 2,
      patch_version: 0,
    }
    const put = await upload('ota/script/z--1/file/', 'bytes of firmware', { token: tokens.engineer })
    expect(put).toMatchObject({ status: 201, body: file })
    expect((await bench.ask('ota/script/z--1/file', { token: tokens.owner })).body).toEqual(file)
    const content = await bench.ask('ota/script/z--1/file/content/', { token: tokens.owner })
    expect([content.text, content.headers['content-length']]).toEqual(['bytes of firmware', '17'])
    expect(content.headers['content-disposition']).toBe("attachment; filename*=UTF-8''firmware%20%C3%BC.trub")
    expect(await findNamedBlobs(bench.services.catalog, [key])).toEqual(new Set([key]))
  })

  it.each<[string, string, object, number]>([
    ['an owner', 'z--1', { token: 'owner' }, 403],
    ['a stranger', 'z--1', { token: 'stranger' }, 404],
    ['no file', 'z--1', { part: 'other' }, 400],
    ['an unknown script', 'z--9', {}, 404],
    ['what is no slug', 'p--1', {}, 404],
  ])('takes no file from %s', async (_, slug, { token, ...options }: { token?: string }, status) => {
    const chosen = token === undefined ? options : { ...options, token: tokens[token] }
    expect((await upload(`ota/script/${slug}/file/`, 'x', chosen)).status).toBe(status)
  })

  it('takes no file over the limit, and none that is not in a form', async () => {
    expect((await upload('ota/script/z--1/file/', 'x'.repeat(10_001))).status).toBe(413)
    expect((await post('ota/script/z--1/file/', {})).status).toBe(415)
  })

  it('stays as it is once it is released', async () => {
    const { body } = await post('ota/script/', { name: 'r', org: 'home' }, tokens.engineer)
    const path = `ota/script/${body.slug}/`
    await upload(`${path}file/`, 'first')
    await upload(`${path}file/`, 'second')
    const released = await patch(path, { released: true })
    expect(released.body).toMatchObject({ released: true, released_on: expect.stringMatching(/Z$/) })
    expect((await patch(path, released.body)).body).toEqual(released.body)
    for (const change of [{ name: 's' }, { patch_version: 1 }, { released: false }]) {
      expect((await patch(path, change)).status).toBe(409)
    }
    expect((await upload(`${path}file/`, 'third')).status).toBe(409)
    expect((await bench.ask(`${path}file/content/`)).text).toBe('second')
    expect((await bench.ask(path, { method: 'DELETE', token: tokens.owner })).status).toBe(403)
    expect((await bench.ask(path, { method: 'DELETE', token: tokens.engineer })).status).toBe(204)
    expect((await bench.ask('ota/script/z--1/', { method: 'DELETE' })).status).toBe(409)
  })
})

describe('ota/request/', () => {
  it('shows what is to be done', async () => {
    expect((await bench.ask('ota/request/1/', { token: tokens.owner })).body).toEqual({
      id: 1,
      script: 'z--0000-0001',
      selection_criteria: ['os_tag:eq:1024'],
      org: 'home',
      fleet: 'g--0000-0000-0001',
      released_on: '2025-01-01T00:00:00Z',
      completed_on: null,
    })
  })

  it.each<[string, number[]]>([
    ['', []],
    ['?org=home', [1, 2, 3, 5, 6]],
    ['?org=elsewhere', [4]],
    ['?org=nowhere', []],
    ['?fleet=g--0001', [1, 3]],
    ['?scope=global&org=home', [2, 5, 6]],
    ['?scope=g--1', [1, 2, 3, 5, 6]],
    ['?scope=elsewhere', [4]],
    ['?scope=g--9', []],
    ['?staff=1', [1, 2, 3, 4, 5, 6]],
  ])('lists %s', async (query, expected) => {
    expect(ids(await bench.ask(`ota/request/${query}`))).toEqual(expected)
  })

  it('lists nothing of other organisations', async () => {
    const { engineer, stranger } = tokens
    expect(ids(await bench.ask('ota/request/?org=elsewhere', { token: engineer }))).toEqual([])
    expect(ids(await bench.ask('ota/request/?scope=global', { token: engineer }))).toEqual([2, 5, 6])
    expect(ids(await bench.ask('ota/request/?org=home&staff=1', { token: stranger }))).toEqual([])
  })

  it.each<[string, string, number]>([
    ['GET', 'ota/request/4/', 404],
    ['GET', 'ota/request/4/devices/', 404],
    ['PATCH', 'ota/request/4/', 404],
    ['DELETE', 'ota/request/4/', 404],
    ['GET', 'ota/request/99/', 404],
    ['GET', 'ota/request/1e1/', 404],
    ['GET', 'ota/script/z--2/', 404],
    ['GET', 'ota/script/z--2/file/content/', 404],
    ['PATCH', 'ota/script/z--2/', 404],
    ['GET', 'ota/device/d--3/', 404],
    ['GET', 'device/d--3/versions/', 404],
    ['GET', 'ota/action/99/', 404],
  ])('checks the organisation at %s %s', async (method, path, status) => {
    const body = method === 'PATCH' ? {} : undefined
    const reply = await bench.ask(path, { method: method as 'GET', body, token: tokens.engineer })
    expect(reply.status).toBe(status)
  })

  it.each<[string, object, number, string[]]>([
    ['a script of another organisation', { script: 'z--2' }, 400, ['script']],
    ['a fleet of another organisation', { fleet: 'g--2' }, 400, ['fleet']],
    ['what is no script', { script: 'p--1' }, 400, ['script']],
    ['a time that is none', { released_on: 'soon' }, 400, ['released_on']],
    ['an unknown organisation', { org: 'nowhere' }, 400, ['org']],
  ])('refuses %s', async (_, change, status, fields) => {
    const reply = await post('ota/request/', { org: 'home', script: 'z--1', ...change }, tokens.engineer)
    expect([reply.status, Object.keys(reply.body)]).toEqual([status, fields])
  })

  it('is made, released, completed and deleted by engineers', async () => {
    const request = { org: 'home', script: 'z--1' }
    expect((await post('ota/request/', request, tokens.owner)).status).toBe(403)
    const { body } = await post('ota/request/', request, tokens.engineer)
    const path = `ota/request/${body.id}/`
    const done = await bench.ask(path, {
      method: 'PUT',
      body: { released_on: '2025-01-01', completed_on: '2025-01-02T00:00:00Z' },
      token: tokens.engineer,
    })
    expect(done.body).toMatchObject({ script: 'z--0000-0001', completed_on: '2025-01-02T00:00:00Z' })
    expect((await bench.ask(path, { method: 'DELETE', token: tokens.engineer })).status).toBe(204)
  })

  it('lists the devices that it is meant for', async () => {
    const slugs = async (id: number, token?: string) =>
      (await bench.ask(`ota/request/${id}/devices/`, token ? { token } : {})).body.results.map(
        (device: any) => device.slug,
      )
    expect(await slugs(1)).toEqual(['d--0000-0000-0000-0001'])
    expect(await slugs(2, tokens.owner)).toEqual(['d--0000-0000-0000-0001', 'd--0000-0000-0000-0002'])
    const { token } = (await post('token/', { name: 'two', scopes: ['read'], device: 'd--2' })).body
    expect(await slugs(2, token)).toEqual(['d--0000-0000-0000-0002'])
  })
})

describe('ota/device/', () => {
  it('goes from deployment to action to version', async () => {
    const { engineer } = tokens
    const device = 'd--0000-0000-0000-0001'
    const action = { deployment: 1, device: 'd--1', last_attempt_on: '2026-01-01T00:00:00Z' }
    expect((await post('ota/action/', action, tokens.owner)).status).toBe(403)
    const made = await post('ota/action/', action, engineer)
    expect(made).toMatchObject({
      status: 201,
      body: {
        id: 1,
        deployment: 1,
        device,
        attempt_successful: false,
        device_confirmation: false,
        log: null,
      },
    })
    expect((await patch('ota/action/1/', { attempt_successful: true, log: 'done' })).body).toMatchObject({
      last_attempt_on: '2026-01-01T00:00:00Z',
      attempt_successful: true,
      log: 'done',
    })
    const report = { device: 'd--1', type: 'os', tag: 1024 }
    await post('ota/version/', { ...report, version: '1.2.0', updated_ts: '2026-01-02' }, engineer)
    await post('ota/version/', { ...report, version: '1.1.0', updated_ts: '2026-01-01' }, engineer)
    await post('ota/version/', { ...report, type: 'app', version: '0.1.0' }, engineer)
    expect((await post('ota/version/', { ...report, version: '1' }, tokens.owner)).status).toBe(403)

    const { body } = await bench.ask('ota/device/d--0001/', { token: tokens.owner })
    expect(body).toMatchObject({ slug: device, template: 'pod', sg: null })
    expect(body.deployments.map((request: any) => request.id)).toEqual([1, 2])
    expect(body.actions.map((one: any) => one.log)).toEqual(['done'])
    expect(body.versions.map((one: any) => [one.type, one.version])).toEqual([
      ['app', '0.1.0'],
      ['os', '1.2.0'],
    ])
    expect((await bench.ask('device/d--1/versions/')).body).toEqual(body.versions)
    const list = await bench.ask('ota/version/?device=d--1&type=os', { token: tokens.owner })
    expect(list.body.results.map((one: any) => one.version)).toEqual(['1.2.0', '1.1.0'])
    expect((await bench.ask('ota/version/', { token: tokens.stranger })).body.count).toBe(0)
    const [shown] = (await bench.ask('ota/request/1/devices/')).body.results
    expect(shown).toEqual({ id: 1, slug: device, sg: null, template: 'pod', versions: body.versions })
  })

  it.each<[string, number[]]>([
    ['', []],
    ['?request=1', [1]],
    ['?device=d--1', [1]],
    ['?device=d--2', []],
    ['?request=x', []],
    ['?staff=1', [1]],
  ])('lists the actions of %s', async (query, expected) => {
    expect(ids(await bench.ask(`ota/action/${query}`))).toEqual(expected)
    const { stranger } = tokens
    expect(ids(await bench.ask(`ota/action/${query}`, { token: stranger }))).toEqual([])
  })

  it.each<[object, number]>([
    [{ deployment: 4, device: 'd--3' }, 404],
    [{ deployment: 1, device: 'd--3' }, 400],
    [{ deployment: 1, device: 'd--99' }, 400],
    [{ deployment: 99, device: 'd--1' }, 404],
    [{ deployment: 1 }, 400],
  ])('takes no action %j', async (body, status) => {
    expect((await post('ota/action/', body, tokens.engineer)).status).toBe(status)
  })

  it('tells a device without a fleet what its whole organisation is to run', async () => {
    const { body } = await bench.ask('ota/device/d--2/')
    expect(body.deployments.map((request: any) => request.id)).toEqual([2])
  })

  it('keeps requests that were begun, and goes with its organisation', async () => {
    expect((await bench.ask('ota/request/1/', { method: 'DELETE' })).status).toBe(409)
    await bench.ask('device/d--3/', { method: 'DELETE' })
    await bench.ask('project/p--12/', { method: 'DELETE' })
    expect((await bench.ask('org/elsewhere/', { method: 'DELETE' })).status).toBe(204)
    expect((await bench.ask('ota/script/z--2/')).status).toBe(404)
  })
})
