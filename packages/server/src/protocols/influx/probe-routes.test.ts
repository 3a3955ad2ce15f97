import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { findOrgBySlug } from '../../catalog/orgs.ts'
import { findProjectByName } from '../../catalog/projects.ts'
import { ADMIN, type InfluxBench, openInfluxBench } from './influx.fixture.ts'

const VERSION_HEADERS = { 'x-influxdb-version': '1.8.10-sonde', 'x-influxdb-build': 'OSS' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }

describe('probes of InfluxDB clients', () => {
  let bench: InfluxBench
  beforeEach(async () => {
    bench = await openInfluxBench()
  })

  const query = (q: string, more = '') =>
    bench.ask(`/query?q=${encodeURIComponent(q)}${more}`, { method: 'GET' })

  async function tokenOfGarden(): Promise<string> {
    const { catalog } = bench.services
    await query('CREATE DATABASE garden')
    const org = await findOrgBySlug(catalog, 'home')
    const project = await findProjectByName(catalog, { orgId: org!.id, name: 'garden' })
    return `Token ${await bench.addToken(['write'], { projectId: project!.id })}`
  }

  it.each(['GET', 'HEAD'] as const)('answers %s /ping to everybody', async (method) => {
    const reply = await bench.ask('/ping', { method, authorization: null })
    expect(reply).toMatchObject({ status: 204, headers: VERSION_HEADERS })
  })

  it.each([
    ['true', 200],
    ['1', 200],
    ['false', 204],
    ['0', 204],
  ])('answers /ping?verbose=%s with %d', async (verbose, status) => {
    const reply = await bench.ask(`/ping?verbose=${verbose}`, { method: 'GET', authorization: null })
    expect(reply.status).toBe(status)
    expect(reply.body).toEqual(status === 200 ? { version: '1.8.10-sonde' } : undefined)
  })

  it('answers /health to everybody', async () => {
    const ask = () => bench.ask('/health', { method: 'GET', authorization: null })
    expect(await ask()).toMatchObject({ status: 200, body: { status: 'pass', version: '1.8.10-sonde' } })
    bench = await openInfluxBench({ stoppedReason: 'the disk is full' })
    expect(await ask()).toMatchObject({
      status: 503,
      body: { status: 'fail', message: 'the disk is full' },
    })
  })

  it('says that there is nothing to set up', async () => {
    const reply = await bench.ask('/api/v2/setup', { method: 'GET', authorization: null })
    expect(reply).toMatchObject({ status: 200, body: { allowed: false } })
  })

  it.each(['/query?q=SHOW+DATABASES', '/api/v2/buckets', '/api/v2/orgs'])(
    'asks for credentials at %s',
    async (url) => {
      expect((await bench.ask(url, { method: 'GET', authorization: null })).status).toBe(401)
    },
  )

  it('makes databases, once each, and shows them', async () => {
    expect(await query('CREATE DATABASE "garden"')).toMatchObject({
      status: 200,
      body: { results: [{ statement_id: 0 }] },
      headers: VERSION_HEADERS,
    })
    await query('create database garden WITH DURATION 30d NAME "a;b"; CREATE DATABASE "a \\"b\\";c"')
    expect((await query('SHOW DATABASES')).body).toEqual({
      results: [
        {
          statement_id: 0,
          series: [{ name: 'databases', columns: ['name'], values: [['a "b";c'], ['garden']] }],
        },
      ],
    })
  })

  it('shows the one retention policy that there is', async () => {
    for (const q of ['SHOW RETENTION POLICIES', 'show retention policies on "garden"']) {
      const { body } = await query(q, '&db=garden')
      expect(body.results[0].series[0].values).toEqual([['autogen', '0s', '168h0m0s', 1, true]])
    }
  })

  it('shows what variables begin with as measurements', async () => {
    await bench.ask('/write?db=garden', {
      body: 'cpu,host=a,cpu=c0 idle=1\nmem,host=a value=1\ncpu,host=a user=1',
    })
    await bench.ask('/write?db=attic', { body: 'heat value=1' })
    const shown = async (q: string, more = '') => (await query(q, more)).body.results[0].series?.[0].values
    expect(await shown('SHOW MEASUREMENTS', '&db=garden')).toEqual([['cpu'], ['mem']])
    expect(await shown('SHOW MEASUREMENTS ON attic')).toEqual([['heat']])
    expect(await shown('SHOW MEASUREMENTS')).toEqual([['cpu'], ['heat'], ['mem']])
    expect(await shown('SHOW MEASUREMENTS ON nothing')).toBeUndefined()
  })

  it('answers several statements, also in the body of a POST', async () => {
    const body = 'q=CREATE+DATABASE+garden%3B+SHOW+DATABASES&chunked=true'
    const { body: answer } = await bench.ask('/query', { body, headers: FORM })
    expect(answer.results.map((result: { statement_id: number }) => result.statement_id)).toEqual([0, 1])
    expect(answer.results[1].series[0].values).toEqual([['garden']])
  })

  it.each([
    'SELECT * FROM cpu',
    'SHOW SERIES',
    'DROP DATABASE garden',
    'SHOW DATABASES; DROP DATABASE garden',
    'CREATE DATABASE',
    `SELECT ${'x'.repeat(500)}`,
  ])('says where points are read instead of answering %s', async (q) => {
    const reply = await query(q)
    expect(reply.status).toBe(400)
    expect(reply.body.error).toMatch(
      /^InfluxQL is not answered here: .{1,101}\. Points are read at \/api\/v1\/query\/$/,
    )
  })

  it.each(['', ' ; ', 'SHOW DATABASES;'.repeat(101)])('refuses %.20j', async (q) => {
    expect((await query(q)).status).toBe(400)
  })

  it('refuses to make a database for a token that may not provision', async () => {
    const authorization = `Token ${await bench.addToken(['write', 'read'])}`
    const reply = await bench.ask('/query?q=CREATE+DATABASE+x', { authorization })
    expect(reply).toMatchObject({ status: 404, body: { error: expect.stringContaining('may not make it') } })
  })

  it('lists buckets and organizations, all or those that are asked for', async () => {
    for (const name of ['garden', 'attic']) await query(`CREATE DATABASE ${name}`)
    const list = async (path: string) => (await bench.ask(`/api/v2/${path}`, { method: 'GET' })).body
    const { orgs } = await list('orgs')
    expect(orgs).toMatchObject([{ id: expect.stringMatching(/^[\da-f]{16}$/), name: 'Home' }])
    const { buckets } = await list('buckets')
    expect(buckets).toMatchObject([
      { id: expect.stringMatching(/^[\da-f]{16}$/), orgID: orgs[0].id, name: 'attic', type: 'user' },
      { name: 'garden' },
    ])
    const names = async (query: string) => {
      return (await list(`buckets?${query}`)).buckets.map(({ name }: { name: string }) => name)
    }
    expect(await names('name=garden')).toEqual(['garden'])
    expect(await names(`id=${buckets[0].id}`)).toEqual(['attic'])
    expect(await names(`orgID=${orgs[0].id}&name=garden`)).toEqual(['garden'])
    expect(await names('org=home')).toEqual(['attic', 'garden'])
    expect(await names('org=unknown')).toEqual([])
    expect((await list('orgs?org=Home')).orgs).toEqual(orgs)
    expect((await list('orgs?org=unknown')).orgs).toEqual([])
  })

  it('shows a token that may not read the project that it is limited to, and nothing else', async () => {
    const authorization = await tokenOfGarden()
    await query('CREATE DATABASE attic')
    const get = async (url: string) => (await bench.ask(url, { method: 'GET', authorization })).body
    expect((await get('/query?q=SHOW+DATABASES')).results[0].series[0].values).toEqual([['garden']])
    expect((await get('/api/v2/buckets')).buckets.length).toBe(1)
    expect((await get('/api/v2/orgs')).orgs.length).toBe(1)
    expect((await bench.ask('/query?q=SHOW+MEASUREMENTS', { authorization })).status).toBe(403)
    const unlimited = `Token ${await bench.addToken(['write'])}`
    const reply = await bench.ask('/api/v2/buckets', { method: 'GET', authorization: unlimited })
    expect(reply).toMatchObject({ status: 200, body: { buckets: [] } })
  })

  it.each<[name: string, body: string | Buffer, headers: Record<string, string>]>([
    ['JSON', '{"query":"buckets()","type":"flux","dialect":{"header":true}}', JSON_TYPE],
    ['packed JSON', gzipSync('{"query":"buckets()"}'), { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    ['Flux', 'buckets() |> limit(n: 1)', { 'content-type': 'application/vnd.flux' }],
  ])('answers buckets() as %s in annotated CSV', async (_, body, headers) => {
    await query('CREATE DATABASE "a,b"')
    const reply = await bench.ask('/api/v2/query?org=home', { body, headers })
    expect(reply.status).toBe(200)
    expect(reply.headers['content-type']).toContain('text/csv')
    expect(reply.text.split('\r\n').slice(0, 5)).toEqual([
      '#datatype,string,long,string,string,string',
      '#group,false,false,false,false,false',
      '#default,_result,,,,',
      ',result,table,name,id,organizationID',
      expect.stringMatching(/^,,0,"a,b",[\da-f]{16},[\da-f]{16}$/),
    ])
  })

  it.each(['{"query":"from(bucket: \\"x\\")"}', '{"query":1}', '{', 'null'])(
    'says where points are read instead of answering the Flux query %s',
    async (body) => {
      const reply = await bench.ask('/api/v2/query', { body, headers: JSON_TYPE })
      expect(reply).toMatchObject({ status: 400, body: { code: 'invalid' } })
    },
  )

  it('answers unknown addresses below /api/v2 in its own shape', async () => {
    const reply = await bench.ask('/api/v2/tasks', { method: 'GET' })
    expect(reply).toMatchObject({ status: 404, body: { code: 'not found', message: 'path not found' } })
  })

  it('lets users in by u and p', async () => {
    const reply = await bench.ask(`/query?q=SHOW+DATABASES&u=${ADMIN.username}&p=correct%20horse`, {
      authorization: null,
    })
    expect(reply.status).toBe(200)
  })
})
