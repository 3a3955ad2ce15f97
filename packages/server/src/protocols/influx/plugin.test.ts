import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { findDeviceByLabel, unclaimDevice, updateDevice } from '../../catalog/devices.ts'
import { createOrg, findOrgBySlug } from '../../catalog/orgs.ts'
import { findProjectByName } from '../../catalog/projects.ts'
import { updateStream } from '../../catalog/streams.ts'
import { OverloadedError, UnavailableError } from '../../errors.ts'
import type { PointBatch } from '../../model/point-batch.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { ADMIN, type InfluxBench, openInfluxBench } from './influx.fixture.ts'

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
const URL_OF_WRITES = '/api/v2/write?org=home&bucket=garden'
const WRITES = [
  ['/write', '/write?db=garden'],
  ['/api/v2/write', URL_OF_WRITES],
] as const

describe('line protocol door', () => {
  let bench: InfluxBench
  beforeEach(async () => {
    bench = await openInfluxBench()
  })

  async function projectId(name = 'garden'): Promise<number> {
    const { catalog } = bench.services
    const org = await findOrgBySlug(catalog, 'home')
    return (await findProjectByName(catalog, { orgId: org!.id, name }))!.id
  }

  describe.each(WRITES)('%s', (_, url) => {
    it('stores lines and answers 204', async () => {
      const body = 'weather,host=north temperature=21.5,gusty=t,note="calm" 1777600000000000000\n'
      const reply = await bench.ask(url, { body })
      expect(reply).toMatchObject({
        status: 204,
        text: '',
        headers: { 'x-influxdb-version': '1.8.10-sonde', 'x-influxdb-build': 'OSS' },
      })
      expect(await bench.stored()).toEqual({
        'garden/north/weather.temperature': [[1777600000000000, 21.5]],
        'garden/north/weather.gusty': [[1777600000000000, 1]],
        'garden/north/weather.note': [[1777600000000000, 'calm']],
      })
      expect(bench.services.ingest.totals).toEqual({ accepted: 3, rejected: 0 })
    })

    it('takes the time of the server where a line has none', async () => {
      await bench.ask(url, { body: 'm value=1' })
      expect(await bench.stored()).toEqual({ 'garden/m/m': [[bench.clock.nowUs(), 1]] })
    })

    it.each([
      ['', '1777600000123456789'],
      ['ns', '1777600000123456789'],
      ['n', '1777600000123456789'],
      ['us', '1777600000123456'],
      ['u', '1777600000123456'],
      ['%C2%B5', '1777600000123456'],
    ])('reads times in the precision "%s"', async (precision, time) => {
      const reply = await bench.ask(`${url}&precision=${precision}`, { body: `m value=1 ${time}` })
      expect(reply.status).toBe(204)
      expect(await bench.stored()).toEqual({ 'garden/m/m': [[1777600000123456, 1]] })
    })

    it.each([
      ['ms', 1_000],
      ['s', 1_000_000],
      ['m', 60_000_000],
      ['h', 3_600_000_000],
    ])('reads times in the precision %s', async (precision, usPerUnit) => {
      await bench.ask(`${url}&precision=${precision}`, { body: 'm value=1 1234' })
      expect(await bench.stored()).toEqual({ 'garden/m/m': [[1234 * usPerUnit, 1]] })
    })

    it('refuses another precision and stores nothing', async () => {
      const reply = await bench.ask(`${url}&precision=d`, { body: 'm value=1 1' })
      expect(reply.status).toBe(400)
      expect(reply.text).toContain('invalid precision')
      expect(await bench.stored()).toEqual({})
    })

    it.each<[name: string, authorization: string | null, query?: string]>([
      ['Token', `Token ${ADMIN.token}`],
      ['Bearer', `Bearer ${ADMIN.token}`],
      ['a lower-case scheme', `token ${ADMIN.token}`],
      ['Basic', basic(`${ADMIN.username}:${ADMIN.password}`)],
      ['Basic with a token as the password', basic(`anybody:${ADMIN.token}`)],
      ['Basic with a token and no user', basic(`:${ADMIN.token}`)],
      ['Token with user and password', `Token ${ADMIN.username}:${ADMIN.password}`],
      ['u and p', null, `&u=${ADMIN.username}&p=${encodeURIComponent(ADMIN.password)}`],
      ['a token as p', null, `&u=anybody&p=${ADMIN.token}`],
      ['p alone', null, `&p=${ADMIN.token}`],
    ])('lets %s in, as often as it comes', async (_, authorization, query = '') => {
      for (let i = 0; i < 7; i++) {
        const reply = await bench.ask(url + query, { body: 'm value=1 1000', authorization })
        expect(reply.status).toBe(204)
      }
      expect(await bench.stored()).toEqual({ 'garden/m/m': [[1, 1]] })
    })

    it('lets a random token in as a password', async () => {
      const token = await bench.addToken(['write', 'provision'])
      const authorization = basic(`telegraf:${token}`)
      expect((await bench.ask(url, { body: 'm value=1 1000', authorization })).status).toBe(204)
    })

    it.each<[name: string, authorization: string | null, query?: string]>([
      ['nobody', null],
      ['a wrong token', 'Token wrong'],
      ['a wrong password', basic(`${ADMIN.username}:wrong`)],
      ['an unknown user', basic('nobody:wrong')],
      ['a wrong p', null, `&u=${ADMIN.username}&p=wrong`],
      ['an unknown scheme', 'Digest x'],
      ['Basic without a colon', basic('admin')],
      ['a scheme alone', 'Token'],
    ])('refuses %s', async (_, authorization, query = '') => {
      const reply = await bench.ask(url + query, { body: 'm value=1 1', authorization })
      expect(reply.status).toBe(401)
      expect(reply.headers['www-authenticate']).toBeDefined()
      expect(await bench.stored()).toEqual({})
    })

    it('answers 429 after too many failures, and says when to come back', async () => {
      for (let i = 0; i < 5; i++) await bench.ask(url, { body: '', authorization: 'Token wrong' })
      const reply = await bench.ask(url, { body: '', authorization: 'Token wrong' })
      expect(reply.status).toBe(429)
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    })

    it('refuses a token that may not write', async () => {
      const authorization = `Token ${await bench.addToken(['read', 'provision'])}`
      expect((await bench.ask(url, { body: 'm value=1 1', authorization })).status).toBe(403)
    })

    it('tells integers that were rounded', async () => {
      const reply = await bench.ask(url, { body: 'm a=9223372036854775807i,b=1i 1000' })
      expect(reply).toMatchObject({ status: 204, headers: { 'x-sonde-rounded': '1' } })
      expect((await bench.stored())['garden/m/m.a']).toEqual([[1, 2 ** 63]])
    })
  })

  describe('partial write', () => {
    const BODY = 'a value=1 1000\nb value=\nc value=2 2000\nd value=x 3000\n'

    it('stores the good lines and lists the others for clients of version 2', async () => {
      const reply = await bench.ask('/api/v2/write?bucket=garden', { body: BODY })
      expect(reply.status).toBe(400)
      expect(reply.body).toEqual({
        code: 'invalid',
        message: 'partial write: line 2: "" is no value; a text has quotation marks around it',
        line: 2,
        rejected_count: 2,
        rejected: [
          { line: 2, reason: '"" is no value; a text has quotation marks around it' },
          { line: 4, reason: '"x" is no value; a text has quotation marks around it' },
        ],
      })
      expect(await bench.stored()).toEqual({ 'garden/a/a': [[1, 1]], 'garden/c/c': [[2, 2]] })
      expect(bench.services.ingest.totals).toEqual({ accepted: 2, rejected: 2 })
    })

    it('stores the good lines and counts the others for clients of version 1', async () => {
      const reply = await bench.ask('/write?db=garden', { body: BODY })
      expect(reply.status).toBe(400)
      expect(reply.body).toEqual({
        error: 'partial write: line 2: "" is no value; a text has quotation marks around it dropped=2',
      })
      expect(Object.keys(await bench.stored())).toEqual(['garden/a/a', 'garden/c/c'])
    })

    it('lists the first hundred', async () => {
      const body = 'bad\n'.repeat(150)
      const reply = await bench.ask('/api/v2/write?bucket=garden', { body })
      expect(reply.body.rejected.length).toBe(100)
      expect(reply.body.rejected_count).toBe(150)
    })

    it('rejects values under names that cannot be, and stores what stands beside them', async () => {
      const long = 'x'.repeat(251)
      const body = `m good=1,${long}=2 1000\n\\ ,host=${long} value=3 1000\nm,host=\\  value=4 1000\nm,k=\0 value=5 1000\n`
      const reply = await bench.ask('/api/v2/write?bucket=garden', { body })
      expect(reply.body.rejected).toMatchObject([
        { line: 1, reason: expect.stringContaining('variable is longer than 250') },
        { line: 2, reason: expect.stringContaining('device is longer than 250') },
        { line: 3, reason: 'The name of the device is empty' },
        { line: 4, reason: 'The name of the variable has a zero byte in it' },
      ])
      expect(await bench.stored()).toEqual({ 'garden/m/m.good': [[1, 1]] })
    })

    it('rejects points of a disabled stream until it is enabled', async () => {
      const { catalog } = bench.services
      const write = () => bench.ask('/api/v2/write?bucket=garden', { body: 'm a=1,b=2 1000' })
      await write()
      await updateStream(catalog, 1, { enabled: 0 })
      bench.resolver.forget()
      expect((await write()).body).toMatchObject({
        message: 'partial write: line 1: Stream "m.a" of device "m" is disabled',
      })
      await updateStream(catalog, 1, { enabled: 1 })
      bench.resolver.forget()
      expect((await write()).status).toBe(204)
    })

    it('keeps taking points of known streams when the project has no room for new ones', async () => {
      bench = await openInfluxBench({ limits: { streamsPerProjectMax: 2 } })
      const write = (body: string) => bench.ask('/api/v2/write?bucket=garden', { body })
      expect((await write('m a=1,b=1 1000')).status).toBe(204)
      expect(await write('m a=2,b=2,c=2 2000')).toMatchObject({
        status: 400,
        body: { rejected: [{ line: 1, reason: expect.stringContaining('over 2') }] },
      })
      expect(await bench.stored()).toEqual({
        'garden/m/m.a': [
          [1, 1],
          [2, 2],
        ],
        'garden/m/m.b': [
          [1, 1],
          [2, 2],
        ],
      })
    })
  })

  describe('store that takes nothing', () => {
    class RefusingStore extends MemoryStore {
      readonly #error: Error
      constructor(error: Error) {
        super()
        this.#error = error
      }

      override append(_batch: PointBatch): Promise<void> {
        return Promise.reject(this.#error)
      }
    }

    it.each<[name: string, error: Error, headers: object]>([
      ['is behind', new OverloadedError('too much is waiting', 1_500), { 'retry-after': '2' }],
      ['has stopped', new UnavailableError('the disk is full'), {}],
    ])('answers 503 when it %s', async (_, error, headers) => {
      bench = await openInfluxBench({ store: new RefusingStore(error) })
      const body = 'm value=1 1000\n'.repeat(100_000)
      expect(await bench.ask('/api/v2/write?bucket=garden', { body })).toMatchObject({
        status: 503,
        headers,
        body: { code: 'unavailable', message: error.message },
      })
      expect(await bench.ask('/write?db=garden', { body })).toMatchObject({
        status: 503,
        headers,
        body: { error: error.message },
      })
    })
  })

  describe('body', () => {
    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json',
      'image/png',
      '',
      ';;',
      undefined,
    ])('takes the content type %j', async (type) => {
      const headers = type === undefined ? {} : { 'content-type': type }
      expect((await bench.ask(URL_OF_WRITES, { body: 'm value=1 1000', headers })).status).toBe(204)
      expect(await bench.stored()).toEqual({ 'garden/m/m': [[1, 1]] })
    })

    it.each<[name: string, body: string | Buffer | undefined]>([
      ['no body', undefined],
      ['an empty body', ''],
      ['blank lines', '\n\n'],
      ['comments', '# nothing\n'],
    ])('answers 204 to %s', async (_, body) => {
      expect((await bench.ask(URL_OF_WRITES, body === undefined ? {} : { body })).status).toBe(204)
      expect(await bench.stored()).toEqual({})
    })

    it.each(['gzip', 'x-gzip', 'GZIP'])('unpacks %s', async (encoding) => {
      const lines = Array.from({ length: 5_000 }, (_, i) => `m,host=a value=${i} ${i}000`).join('\n')
      const headers = { 'content-encoding': encoding }
      expect((await bench.ask(URL_OF_WRITES, { body: gzipSync(lines), headers })).status).toBe(204)
      expect((await bench.stored())['garden/a/m'].length).toBe(5_000)
    })

    it.each<[name: string, encoding: string, body: Buffer, status: number]>([
      ['an encoding that it does not know', 'br', Buffer.from('m value=1'), 400],
      ['gzip that is none', 'gzip', Buffer.from('m value=1'), 400],
      ['gzip that ends early', 'gzip', gzipSync('m value=1\n'.repeat(1_000)).subarray(0, 30), 400],
      ['gzip that unpacks to too much', 'gzip', gzipSync(Buffer.alloc(40_000_000, 'm value=1\n')), 413],
    ])('refuses %s', async (_, encoding, body, status) => {
      const reply = await bench.ask(URL_OF_WRITES, { body, headers: { 'content-encoding': encoding } })
      expect(reply.status).toBe(status)
      expect(await bench.stored()).toEqual({})
      expect((await bench.ask(URL_OF_WRITES, { body: 'm value=1 1' })).status).toBe(204)
    })

    it('is refused over the limit, with or without saying its length', async () => {
      bench = await openInfluxBench({ limits: { bodyBytesMax: 1_000 } })
      const body = `m value=1 1000\n${'#'.repeat(1_000)}`
      const reply = await bench.ask('/api/v2/write?bucket=garden', { body })
      expect(reply).toMatchObject({ status: 413, body: { code: 'request too large' } })
      expect((await bench.ask('/write?db=garden', { body })).body.error).toContain('1000 bytes')
      expect((await bench.ask('/write?db=garden', { body: body.slice(0, 1_000) })).status).toBe(204)
    })

    it('of many lines is stored whole, beside small ones', async () => {
      const lines = Array.from({ length: 60_000 }, (_, i) => `bulk,host=h${i % 10} value=${i} ${i}000`)
      const bulk = bench.ask('/write?db=garden', { body: lines.join('\n') })
      const small = Array.from({ length: 20 }, (_, i) =>
        bench.ask('/write?db=garden', { body: `small value=${i} ${i}000` }),
      )
      const replies = await Promise.all([bulk, ...small])
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]))
      const stored = await bench.stored()
      expect(stored['garden/small/small'].length).toBe(20)
      for (let host = 0; host < 10; host++) expect(stored[`garden/h${host}/bulk`].length).toBe(6_000)
    })
  })

  describe('project', () => {
    it.each<[query: string, project: string]>([
      ['/write', 'default'],
      ['/write?db=', 'default'],
      ['/write?db=telegraf', 'telegraf'],
      ['/write?db=telegraf&rp=autogen', 'telegraf'],
      ['/write?db=two%20words', 'two words'],
      ['/api/v2/write', 'default'],
      ['/api/v2/write?org=home', 'default'],
      ['/api/v2/write?org=-&bucket=b', 'b'],
      ['/api/v2/write?org=&bucket=b', 'b'],
      ['/api/v2/write?org=Home&bucket=telegraf/autogen', 'telegraf'],
      ['/api/v2/write?org=HOME&bucket=b', 'b'],
    ])('of %s is %s', async (query, project) => {
      for (const time of [1_000, 2_000]) {
        expect((await bench.ask(query, { body: `m value=1 ${time}` })).status).toBe(204)
      }
      expect(Object.keys(await bench.stored())).toEqual([`${project}/m/m`])
    })

    it('is found by slug, UUID and the id of a list, and by a name with a slash in it', async () => {
      await bench.ask('/write?db=garden', { body: 'm value=1 1000' })
      const { catalog } = bench.services
      const org = await findOrgBySlug(catalog, 'home')
      const project = await findProjectByName(catalog, { orgId: org!.id, name: 'garden' })
      const { body } = await bench.ask('/api/v2/buckets?name=garden', { method: 'GET' })
      const slug = `p--0000-000${project!.id}`
      for (const text of [slug, project!.uuid, body.buckets[0].id, 'garden/forever']) {
        expect((await bench.ask(`/api/v2/write?bucket=${text}`, { body: 'm value=1 1000' })).status).toBe(204)
      }
      expect(Object.keys(await bench.stored())).toEqual(['garden/m/m'])
    })

    it('is that of the token when no other is named', async () => {
      await bench.ask('/write?db=garden', { body: 'm value=1 1000' })
      const token = await bench.addToken(['write', 'provision'], { projectId: await projectId() })
      const authorization = `Token ${token}`
      expect((await bench.ask('/write', { body: 'own value=1 1000', authorization })).status).toBe(204)
      expect((await bench.ask('/write?db=garden', { body: 'own value=1 1000', authorization })).status).toBe(
        204,
      )
      expect(Object.keys(await bench.stored())).toEqual(['garden/m/m', 'garden/own/own'])
      expect((await bench.ask('/write?db=other', { body: 'own value=1 1000', authorization })).status).toBe(
        404,
      )
      await bench.ask('/write?db=other', { body: 'm value=1 1000' })
      bench.clock.advance(60_000_000)
      expect((await bench.ask('/write?db=other', { body: 'own value=1 1000', authorization })).status).toBe(
        403,
      )
    })

    it('is not made, nor anything in it, by a token that may not provision', async () => {
      const authorization = `Token ${await bench.addToken(['write'])}`
      const write = (body: string) => bench.ask('/api/v2/write?bucket=garden', { body, authorization })
      expect(await write('m value=1 1000')).toMatchObject({
        status: 404,
        body: { code: 'not found', message: expect.stringContaining('database not found: "garden"') },
      })
      await bench.ask('/write?db=garden', { body: 'm value=1 1000' })
      expect((await write('m value=2 2000')).status).toBe(204)
      expect((await write('m value=3,new=3 3000')).body.rejected).toEqual([
        {
          line: 1,
          reason: 'There is no stream "m.new" of device "m", and the credential may not make one',
        },
      ])
      expect(await bench.stored()).toEqual({
        'garden/m/m': [
          [1, 1],
          [2, 2],
          [3, 3],
        ],
      })
    })

    it('is made once by writes that come together', async () => {
      const bodies = Array.from({ length: 10 }, (_, i) => `m,host=h${i} value=1 1000`)
      const replies = await Promise.all(bodies.map((body) => bench.ask('/write?db=new', { body })))
      expect(replies.map(({ status }) => status)).toEqual(bodies.map(() => 204))
      expect(Object.keys(await bench.stored()).sort()).toEqual(
        Array.from({ length: 10 }, (_, i) => `new/h${i}/m`),
      )
    })

    it.each([
      ['/api/v2/write?org=unknown&bucket=b', 404],
      ['/api/v2/write?bucket=p--0000-9999', 404],
      ['/api/v2/write?bucket=00000000-0000-0000-0000-000000000000', 404],
      [`/api/v2/write?bucket=${'x'.repeat(251)}`, 400],
      ['/api/v2/write?bucket=%20', 400],
    ])('of %s is none: %d', async (url, status) => {
      expect((await bench.ask(url, { body: 'm value=1 1000' })).status).toBe(status)
    })

    it('must be told apart by its organization when several have one of that name', async () => {
      const { catalog } = bench.services
      const home = await findOrgBySlug(catalog, 'home')
      await createOrg(catalog, { name: 'Work', created_by: home!.created_by, created_at_us: 0 })
      const write = (query: string) => bench.ask(`/api/v2/write?${query}`, { body: 'm value=1 1000' })
      expect((await write('bucket=b')).body.message).toContain('say with org where to make it: home, work')
      expect((await write('bucket=b&org=work')).status).toBe(204)
      expect((await write('bucket=b')).status).toBe(204)
      expect((await write('bucket=b&org=home')).status).toBe(204)
      bench.clock.advance(60_000_000)
      expect((await write('bucket=b')).body.message).toContain('several of your organizations')
    })

    it('is closed to those who are no member, and not made by members who may not', async () => {
      await bench.ask('/write?db=garden', { body: 'm value=1 1000' })
      await bench.addUser('operator', 'r1')
      const authorization = basic('operator:secret')
      expect((await bench.ask('/write?db=garden', { body: 'm value=2 2000', authorization })).status).toBe(
        204,
      )
      const { body } = await bench.ask('/write?db=garden', { body: 'new value=2 2000', authorization })
      expect(body.error).toContain('may not make one')
      const outsider = basic('rick:portal gun')
      const slug = `p--0000-000${await projectId()}`
      for (const bucket of [slug, 'p--0000-0999']) {
        const reply = await bench.ask(`/api/v2/write?bucket=${bucket}`, { body: '', authorization: outsider })
        expect(reply.body).toEqual({
          code: 'not found',
          message: `bucket or database not found: "${bucket}"`,
        })
      }
      expect((await bench.ask('/api/v2/write?org=home', { body: '', authorization: outsider })).status).toBe(
        404,
      )
    })
  })

  describe('token of one device', () => {
    async function deviceToken(): Promise<string> {
      await bench.ask('/write?db=garden', { body: 'm,host=north value=1 1000\nm,host=south value=1 1000' })
      const device = await findDeviceByLabel(bench.services.catalog, {
        projectId: await projectId(),
        label: 'north',
      })
      return `Token ${await bench.addToken(['write', 'provision'], { deviceId: device!.id })}`
    }

    it('writes to that device only, whose variables it may make', async () => {
      const authorization = await deviceToken()
      const body = 'm,host=north value=2,new=2 2000\nm,host=south value=2 2000\nm,host=other value=2 2000'
      const reply = await bench.ask('/api/v2/write', { body, authorization })
      expect(reply.body.rejected).toEqual([
        { line: 2, reason: 'This token may not write to device "south"' },
        { line: 3, reason: 'This token may not write to device "other"' },
      ])
      const stored = await bench.stored()
      expect(stored['garden/north/m'].length).toBe(2)
      expect(stored['garden/north/m.new']).toEqual([[2, 2]])
      expect(stored['garden/south/m'].length).toBe(1)
      expect(Object.keys(stored).length).toBe(3)
    })

    it('is refused when another device answers to the same name', async () => {
      const authorization = await deviceToken()
      const { catalog } = bench.services
      const south = await findDeviceByLabel(catalog, { projectId: await projectId(), label: 'south' })
      const north = await findDeviceByLabel(catalog, { projectId: await projectId(), label: 'north' })
      await updateDevice(catalog, south!.id, { label: 'same' })
      await updateDevice(catalog, north!.id, { label: 'same' })
      const first = Math.min(south!.id, north!.id)
      const reply = await bench.ask('/write', { body: 'm,host=same value=1', authorization })
      expect(reply.status).toBe(first === north!.id ? 204 : 403)
    })

    it('opens nothing while its device belongs to nobody', async () => {
      const authorization = await deviceToken()
      const { catalog } = bench.services
      const device = await findDeviceByLabel(catalog, { projectId: await projectId(), label: 'north' })
      await unclaimDevice(catalog, device!.id)
      expect((await bench.ask('/write', { body: 'm,host=north value=2 2000', authorization })).status).toBe(
        403,
      )
    })
  })

  it('follows a device that was renamed', async () => {
    const { catalog } = bench.services
    const write = () => bench.ask('/write?db=garden', { body: 'm,host=north value=1 1000' })
    await write()
    const device = await findDeviceByLabel(catalog, { projectId: await projectId(), label: 'north' })
    await updateDevice(catalog, device!.id, { label: 'attic' })
    bench.resolver.forget()
    await write()
    expect(Object.keys(await bench.stored())).toEqual(['garden/attic/m', 'garden/north/m'])
  })

  it('sees at once that somebody is no member any more', async () => {
    await bench.ask('/write?db=garden', { body: 'm value=1 1000' })
    await bench.addUser('morty', 'a1')
    const { catalog, memberships } = bench.services
    const write = () =>
      bench.ask('/write?db=garden', { body: 'm value=1 1000', authorization: basic('morty:secret') })
    expect((await write()).status).toBe(204)
    const org = await findOrgBySlug(catalog, 'home')
    const caller = await bench.services.authenticator.byPassword({
      name: 'morty',
      password: 'secret',
      address: '::1',
    })
    await memberships.remove({ orgId: org!.id, accountId: caller.accountId })
    expect((await write()).status).toBe(404)
  })
})
