import { createReadStream } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { SignJWT } from 'jose'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAccount, findAccountByUsername, setPasswordHash } from '../../catalog/accounts.ts'
import { loadConfig } from '../../config.ts'
import { openHttp } from '../../http/open-http.ts'
import { METER_FILE, METER_FILE_MISSING, openTestBench, type TestBench } from './electricity.fixture.ts'
import { importElectricity } from './import-electricity.ts'
import { electricityPlugin } from './plugin.ts'
import { SWAGGER_DOCUMENT } from './swagger-document.ts'

const RICK = { name: 'rick', password: 'morty' }
const BASIC_RICK = 'Basic cmljazptb3J0eQ=='
const HOUR_S = 3_600

interface Door extends TestBench {
  readonly http: FastifyInstance
  /** Sends a request with a good token unless `headers` has one. */
  ask(url: string, options?: InjectOptions): Promise<Answer>
  newToken(): Promise<string>
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly body: Body
}

interface Body {
  readonly message?: string
  readonly status?: string
  readonly statusCode?: string | number
  readonly value_token?: string
  readonly values?: { readonly numrecs: number; readonly records: Record<string, string>[] }
}

async function openDoor(csv: AsyncIterable<Uint8Array>): Promise<Door> {
  const bench = await openTestBench()
  await importElectricity(bench, { csv, user: RICK })
  const http = openHttp(loadConfig({}), pino({ enabled: false }))
  await http.register(electricityPlugin, bench)
  const newToken = async () => {
    const reply = await http.inject({ url: '/login', headers: { authorization: BASIC_RICK } })
    return reply.json<{ value_token: string }>().value_token
  }
  const token = await newToken()
  const ask = async (url: string, options: InjectOptions = {}) => {
    const reply = await http.inject({ ...options, url, headers: { session: token, ...options.headers } })
    const isJson = String(reply.headers['content-type']).startsWith('application/json')
    return {
      status: reply.statusCode,
      headers: reply.headers,
      body: isJson && reply.body ? reply.json<Body>() : {},
    }
  }
  return {
    ...bench,
    http,
    ask,
    newToken,
    close: async () => {
      await http.close()
      await bench.close()
    },
  }
}

/** Rows at every quarter of an hour from midnight of 1 August 2019, whose energy is their number. */
function quarterHours(count: number): AsyncIterable<Uint8Array> {
  const rows = Array.from({ length: count }, (_, index) => {
    const [hour, minute] = [Math.floor(index / 4), (index % 4) * 15].map((part) =>
      String(part).padStart(2, '0'),
    )
    return `1 Aug 2019 ${hour}:${minute}:00,${index + 1},,,,,,,`
  })
  return Readable.from([Buffer.from(['Date,a,b,c,d,e,f,g,h', ...rows].join('\n'))])
}

const basic = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

describe.skipIf(METER_FILE_MISSING)(
  "over the meter's file (skipped where it does not lie beside the repository)",
  () => {
    let door: Door
    beforeAll(async () => {
      door = await openDoor(createReadStream(METER_FILE))
    })
    afterAll(() => door.close())

    const ids = ({ body }: Answer) => body.values?.records.map(({ id }) => Number(id))

    describe('/login', () => {
      const login = (options: InjectOptions = {}) => door.http.inject({ url: '/login', ...options })

      it.each([
        ['no header', {}],
        ['another scheme', { authorization: 'Bearer cmljazptb3J0eQ==' }],
        ['no colon', { authorization: 'Basic cmljaw==' }],
        ['no base64', { authorization: 'Basic rick:morty' }],
        ['a wrong password', { authorization: basic('rick', 'morty2') }],
        ['an unknown user', { authorization: basic('summer', 'morty') }],
        ['SQL as the user', { authorization: basic("rick' or '1'='1", 'x') }],
        ['SQL as the password', { authorization: basic('rick', "x', 256) = password or '1'='1' -- ") }],
      ])('refuses %s', async (_, headers) => {
        const reply = await login({ headers })
        expect(reply.statusCode).toBe(401)
        expect(reply.headers['www-authenticate']).toBe('Basic realm="Login Required"')
        expect(reply.json()).toEqual({
          message: 'Invalid user and/or password',
          status: 'ERROR',
          statusCode: '401',
        })
      })

      it.each([
        ['GET', {}],
        [
          'POST with an empty form',
          { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        ],
        [
          'POST with a body that is not what it says',
          { method: 'POST', headers: { 'content-type': 'application/json' }, payload: '{' },
        ],
      ] as const)('gives a token to %s', async (_, options: InjectOptions) => {
        const reply = await login({ ...options, headers: { ...options.headers, authorization: BASIC_RICK } })
        expect(reply.statusCode).toBe(200)
        expect(reply.json()).toEqual({
          Authorization_type: 'API Key',
          In: 'header',
          Key: 'SESSION',
          value_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        })
        expect(reply.headers['cache-control']).toBe('no-store')
      })
    })

    describe('the SESSION header', () => {
      const ping = (headers: Record<string, string>) => door.http.inject({ url: '/apielec/ping', headers })

      it.each([
        ['missing', {}],
        ['empty', { session: '' }],
      ])('is 405 when it is %s', async (_, headers) => {
        const reply = await ping(headers)
        expect(reply.statusCode).toBe(405)
        expect(reply.body).toBe('{"status":"Token is missing","statusCode":"405"}')
      })

      it('is 406 for anything that this installation did not sign for this API', async () => {
        const foreign = await new SignJWT({ user: 'rick' })
          .setProtectedHeader({ alg: 'HS256' })
          .sign(Buffer.from('a published secret that is long enough'))
        const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"user":"rick"}')}.`.replaceAll('=', '')
        const rick = (await findAccountByUsername(door.catalog, 'rick'))!
        const ofAnotherAudience = await door.jwts.issue(rick)
        for (const session of ['abc', foreign, unsigned, ofAnotherAudience]) {
          const reply = await ping({ session, accept: 'text/html' })
          expect(reply.statusCode).toBe(406)
          expect(reply.json()).toEqual({
            message: 'Invalid token',
            status: 'Token is invalid',
            statusCode: '406',
          })
        }
      })

      it.each(['SESSION', 'Session', 'session'])('is read when it is spelled %s', async (name) => {
        expect((await ping({ [name]: await door.newToken() })).statusCode).toBe(200)
      })
    })

    it('answers a ping', async () => {
      const { status, body } = await door.ask('/apielec/ping')
      expect(status).toBe(200)
      expect(body).toEqual({
        message: "I'm here!!",
        status: 'OK',
        statusCode: 200,
        values: { numrecs: 0, records: [] },
      })
    })

    it('answers every row, in order, with every value as a string', async () => {
      const { status, body, headers } = await door.ask('/apielec/getData')
      expect(status).toBe(200)
      expect(headers['content-type']).toBe('application/json; charset=utf-8')
      expect(body).toMatchObject({ message: '', status: 'OK', statusCode: 200 })
      expect(body.values?.numrecs).toBe(11_716)
      expect(body.values?.records).toHaveLength(11_716)
      expect(body.values?.records[0]).toEqual({
        date: '2019-08-01 00:00:00',
        energy: '1.21100',
        id: '1',
        intensity: '53.00300',
        maximeter: '5.30600',
        power: '5.15600',
        power_factor: '0.85700',
        reactive_energy: '0.20000',
        reactive_power: '-8.38200',
        voltage: '121.95500',
      })
      expect(body.values?.records.at(-1)?.id).toBe('11716')
    })

    it('looks at no parameters where it takes none', async () => {
      for (const path of ['ping', 'getData']) {
        const headers = { 'content-type': 'application/json' }
        expect((await door.ask(`/apielec/${path}?x=1`, { headers, payload: '{' })).status).toBe(200)
      }
    })

    describe('getDataById', () => {
      it.each([
        ['id=5,100', [5, 100]],
        ['id=100,5,5', [5, 100]],
        ['id=%205%20,+100', [5, 100]],
        ['id=005', [5]],
        ['id=5.0', [5]],
        ['id=5.5', []],
        ['id=-5', []],
        ['id=999999', []],
        ['id=99999999999999999999', []],
        ['id=11716,11717', [11_716]],
      ])('finds for %s the rows %j', async (query, expected) => {
        const answer = await door.ask(`/apielec/getDataById?${query}`)
        expect(answer.status).toBe(200)
        expect(answer.body.message).toBe(expected.length === 0 ? 'No data found' : '')
        expect(answer.body.values?.numrecs).toBe(expected.length)
        expect(ids(answer)).toEqual(expected)
      })

      it.each([
        ['5,100', [{ energy: '1.71000' }, { energy: '3.20100' }]],
        ['6599', [{ energy: 'None', reactive_energy: 'None', power_factor: 'None' }]],
        ['6627', [{ energy: '0.00000', reactive_power: 'None', intensity: 'None', voltage: '244.39000' }]],
      ])('has the values of %s', async (id, expected) => {
        expect((await door.ask(`/apielec/getDataById?id=${id}`)).body.values?.records).toMatchObject(expected)
      })

      it.each(['id=5,abc', 'id=', '', 'id=5,', 'id=1)+or+(1=1', 'id=5&x=1', 'id=5&id=6', 'ID=5'])(
        'refuses ?%s',
        async (query) => {
          const { status, body } = await door.ask(`/apielec/getDataById?${query}`)
          expect(status).toBe(400)
          expect(body).toEqual({
            message: expect.stringMatching(/./),
            status: 'Unable to obtain the data',
            statusCode: '400',
          })
        },
      )

      it('reads a JSON body, a form body, and the query string first', async () => {
        const json = { headers: { 'content-type': 'application/json' } }
        const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } }
        const found = async (query: string, options: InjectOptions) =>
          ids(await door.ask(`/apielec/getDataById${query}`, options))
        expect(await found('', { ...json, payload: '{"id":"100"}' })).toEqual([100])
        expect(await found('', { ...form, payload: 'id=100' })).toEqual([100])
        expect(await found('?id=5', { ...json, payload: '{"id":"100"}' })).toEqual([5])
      })

      it('keeps answers to an empty JSON body apart by their query string', async () => {
        const options = { headers: { 'content-type': 'application/json' }, payload: '{}' }
        expect(ids(await door.ask('/apielec/getDataById?id=5', options))).toEqual([5])
        expect(ids(await door.ask('/apielec/getDataById?id=6', options))).toEqual([6])
      })

      it('refuses bad JSON, and a body that is too large', async () => {
        const headers = { 'content-type': 'application/json' }
        const bad = await door.ask('/apielec/getDataById', { headers, payload: '{"id":' })
        expect([bad.status, bad.body.statusCode]).toEqual([400, '400'])
        const large = await door.ask('/apielec/getDataById', {
          headers,
          payload: `{"id":"${'5,'.repeat(600_000)}5"}`,
        })
        expect([large.status, large.body.statusCode]).toEqual([413, '413'])
        expect(large.body.status).toBe('Unable to obtain the data')
      })

      it('reads more ids than one statement of the database takes', async () => {
        const id = Array.from({ length: 40_000 }, (_, index) => index + 1).join()
        const headers = { 'content-type': 'application/json' }
        const { body } = await door.ask('/apielec/getDataById', { headers, payload: JSON.stringify({ id }) })
        expect(body.values?.numrecs).toBe(11_716)
      })
    })

    describe('getDataByDate', () => {
      it.each([
        ['2019-09-11 10:45:00', 1, 3_980],
        ['2019-09-11_0_:00:00', 10, 3_937],
        ['2019-09%', 2_880, 2_977],
        ['%', 11_716, 1],
        ['%:00:00', 2_929, 1],
        ['2019-10-27 02:%', 8, 8_361],
        ['2019-10-27 02:00:00', 2, 8_361],
        ['2019-08-01%00', 96, 1],
        ['2019-08-01 00:00:0_', 1, 1],
        ['2019-08-01 00:00:0\\0', 1, 1],
        ['2019-09-11', 0, undefined],
        ['2019-09-11 10:45', 0, undefined],
        ['2019-09-11 10:45:0\\_', 0, undefined],
        ['2019-09-11 10:45:00\\', 0, undefined],
        ["%' or '1'='1", 0, undefined],
      ])('finds for %s %i rows, the first of them %i', async (pattern, count, firstId) => {
        const answer = await door.ask(`/apielec/getDataByDate?date=${encodeURIComponent(pattern)}`)
        expect(answer.status).toBe(200)
        expect(answer.body.message).toBe(count === 0 ? 'No data found' : '')
        expect(answer.body.values?.numrecs).toBe(count)
        expect(ids(answer)?.[0]).toBe(firstId)
      })

      it('finds the rows of one hour, and of a repeated date', async () => {
        const everyHour = await door.ask('/apielec/getDataByDate?date=2019-09-11_0_:00:00')
        expect(ids(everyHour)).toEqual([3937, 3941, 3945, 3949, 3953, 3957, 3961, 3965, 3969, 3973])
        const repeated = await door.ask('/apielec/getDataByDate?date=2019-10-27+02:00:00')
        expect(ids(repeated)).toEqual([8_361, 8_365])
      })

      it('finds nothing without a date', async () => {
        const { status, body } = await door.ask('/apielec/getDataByDate')
        expect([status, body.message]).toEqual([200, 'No data found'])
      })
    })

    describe('getDataByRange', () => {
      it.each([
        ['2019-09-11 10:45:00', '2019-09-11 12:%', 6, 3_980],
        ['2019-09-12_10:00:00', '2019-09-12_10:30:00', 3, 4_073],
        ['2019-08-01', '2019-08-01', 1, 1],
        ['2019-08-01', '2019-08-02', 97, 1],
        ['2019-09-11 00:00:00', '2019-09-11T12:00:00', 49, 3_937],
        ['2019-09-11 00:00:00', '20190911121500', 50, 3_937],
        ['2019-09-11 00:00:00', '2019/09/11 12-15-00', 50, 3_937],
        ['2019-09-11 00:00:00', '2019-09-11 12:3', 49, 3_937],
        ['2019-09-11 00:00:00', '2019-09-31', 1_920, 3_937],
        ['2019-09', '2019-09-02', 97, 2_977],
        ['2019-09-11 12:00:00', '2019-09-11 10:00:00', 0, undefined],
      ])('finds from %s to %s %i rows, the first of them %i', async (date, endDate, count, firstId) => {
        const query = new URLSearchParams({ date, end_date: endDate })
        const answer = await door.ask(`/apielec/getDataByRange?${query}`)
        expect(answer.status).toBe(200)
        expect(answer.body.values?.numrecs).toBe(count)
        expect(ids(answer)?.[0]).toBe(firstId)
      })

      it.each([
        ['encoded', '/apielec/getDataByRange?date=2019-09-11+10%3A45%3A00&end_date=2019-09-11+12%3A%25'],
        ['raw', '/apielec/getDataByRange?date=2019-09-11%2010:45:00&end_date=2019-09-11%2012:%'],
      ])('understands a %s % at the end', async (_, url) => {
        expect(ids(await door.ask(url))).toEqual([3_980, 3_981, 3_982, 3_983, 3_984, 3_985])
      })

      it.each([
        'date=2019-09-11',
        'end_date=2019-09-11',
        '',
        'date=garbage&end_date=2019-09-12',
        'date=2019-09-11&end_date=',
        'date=2019-09-11&end_date=2019-13-01',
        'date=2019-09-11&end_date=2019-09-11+25:00',
        'date=2019-09-11&end_date=2019-09-12&x=1',
      ])('refuses ?%s', async (query) => {
        const { status, body } = await door.ask(`/apielec/getDataByRange?${query}`)
        expect([status, body.status, body.statusCode]).toEqual([400, 'Unable to obtain the data', '400'])
      })
    })

    it('reads raw percent signs, and bodies of GET requests, from a real socket too', async () => {
      await door.http.listen({ host: '127.0.0.1', port: 0 })
      const { port } = door.http.server.address() as AddressInfo
      const token = await door.newToken()
      const get = (path: string, body = '', headers = {}) =>
        new Promise<Body>((resolve, reject) => {
          const options = { port, path, method: 'GET', headers: { session: token, ...headers } }
          httpRequest(options, (reply) => text(reply).then((json) => resolve(JSON.parse(json)), reject))
            .on('error', reject)
            .end(body)
        })
      const range = await get('/apielec/getDataByRange?date=2019-09-11+10:45:00&end_date=2019-09-11+12:%')
      expect(range.values?.numrecs).toBe(6)
      const json = { 'content-type': 'application/json', 'content-length': '12' }
      expect((await get('/apielec/getDataById', '{"id":"100"}', json)).values?.numrecs).toBe(1)
      const announced = { 'content-type': 'application/json' }
      expect((await get('/apielec/getDataById?id=5', '', announced)).values?.numrecs).toBe(1)
    })

    it('has a handle for reading that cannot write', async () => {
      const db = door.readOnlyCatalog
      const read = db.selectFrom('consumpdata').selectAll().where('date', '=', '2019-08-01 07:00:00')
      expect(await read.execute()).toMatchObject([{ id: 29, energy: '1.09900' }])
      const insert = db
        .insertInto('consumpdata')
        .values({ ...(await read.executeTakeFirstOrThrow()), id: 20_000 })
      await expect(insert.execute()).rejects.toThrow(/readonly/)
      expect((await door.ask('/apielec/getDataById?id=20000')).body.message).toBe('No data found')
    })
  },
)

describe('electricity API', () => {
  let door: Door
  beforeEach(async () => {
    door = await openDoor(quarterHours(8))
  })
  afterEach(() => door.close())

  const energy = async (id: number) =>
    (await door.ask(`/apielec/getDataById?id=${id}`)).body.values?.records[0]?.energy
  const changeBehindTheCache = (value: string | null) =>
    door.catalog.updateTable('consumpdata').set({ energy: value }).where('id', '=', 1).execute()

  describe('cache', () => {
    it('keeps an answer for 600 seconds', async () => {
      expect(await energy(1)).toBe('1.00000')
      await changeBehindTheCache('7.00000')
      door.clock.advanceS(599)
      expect(await energy(1)).toBe('1.00000')
      door.clock.advanceS(1)
      expect(await energy(1)).toBe('7.00000')
    })

    it('keeps that nothing was found', async () => {
      const url = '/apielec/getDataByDate?date=2020%25'
      await door.ask(url)
      await door.catalog.updateTable('consumpdata').set({ date: '2020-01-01 00:00:00' }).execute()
      expect((await door.ask(url)).body.message).toBe('No data found')
      door.clock.advanceS(600)
      expect((await door.ask(url)).body.values?.numrecs).toBe(8)
    })

    it('is cleared by an import', async () => {
      expect(await energy(1)).toBe('1.00000')
      expect(await energy(3)).toBe('3.00000')
      await importElectricity(door, { csv: quarterHours(2), existing: 'replace' })
      expect(await energy(1)).toBe('1.00000')
      expect(await energy(3)).toBeUndefined()
    })

    it('answers nobody without a token', async () => {
      await energy(1)
      const reply = await door.http.inject({ url: '/apielec/getDataById?id=1' })
      expect(reply.statusCode).toBe(405)
    })

    it('shares one answer among requests that mean the same', async () => {
      const headers = { 'content-type': 'application/json' }
      await door.ask('/apielec/getDataById', { headers, payload: '{"id":"1"}' })
      await changeBehindTheCache('7.00000')
      expect(await energy(1)).toBe('1.00000')
    })
  })

  describe('tokens', () => {
    it('live for 12 hours', async () => {
      door.clock.advanceS(12 * HOUR_S - 1)
      expect((await door.ask('/apielec/ping')).status).toBe(200)
      door.clock.advanceS(2)
      expect((await door.ask('/apielec/ping')).status).toBe(406)
      expect((await door.ask('/apielec/ping', { headers: { session: await door.newToken() } })).status).toBe(
        200,
      )
    })

    it('carry when they were made and end, and differ at every login', async () => {
      const tokens = [await door.newToken(), await door.newToken()]
      const claims = tokens.map((token) =>
        JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()),
      )
      expect(claims[0]).toMatchObject({ username: 'rick', aud: 'electricity' })
      expect(claims[0].exp - claims[0].iat).toBe(12 * HOUR_S)
      expect(claims[0].jti).not.toBe(claims[1].jti)
    })

    it('end when the password changes', async () => {
      const { id } = (await findAccountByUsername(door.catalog, 'rick'))!
      const passwordHash = await door.passwords.hash('beth')
      await setPasswordHash(door.catalog, { id, passwordHash, nowUs: door.clock.nowUs() })
      expect((await door.ask('/apielec/ping')).status).toBe(406)
    })

    it('end when the user is removed from this API', async () => {
      await door.catalog.deleteFrom('electricity_users').execute()
      expect((await door.ask('/apielec/ping')).status).toBe(406)
    })
  })

  describe('logins', () => {
    const login = (name: string, password: string) =>
      door.http.inject({ url: '/login', headers: { authorization: basic(name, password) } })

    it('are for users of this API only', async () => {
      const password_hash = await door.passwords.hash('pw')
      await createAccount(door.catalog, { username: 'summer', password_hash, is_active: 1, created_at_us: 0 })
      const reply = await login('summer', 'pw')
      expect([reply.statusCode, reply.json().message]).toEqual([401, 'Invalid user and/or password'])
    })

    it('are refused for an account that was shut', async () => {
      await door.catalog.updateTable('accounts').set({ is_active: 0 }).execute()
      const reply = await login('rick', 'morty')
      expect([reply.statusCode, reply.json().message]).toEqual([401, 'Invalid user and/or password'])
      expect((await door.ask('/apielec/ping')).status).toBe(406)
    })

    it('take an old SHA-256 once and keep a slow hash from then on', async () => {
      const old = 'sha256$1cd74f74444cc669da0d2a77181f8f5c9238afe0e237c3507e6c620814d490aa'
      await door.catalog.updateTable('accounts').set({ password_hash: old }).execute()
      expect((await login('rick', 'morty')).statusCode).toBe(200)
      const { password_hash } = (await findAccountByUsername(door.catalog, 'rick'))!
      expect(password_hash).toMatch(/^scrypt\$/)
      expect((await login('rick', 'morty')).statusCode).toBe(200)
    })

    it('are limited after too many failures, in the shape of this API', async () => {
      for (let attempt = 0; attempt < 5; attempt++) expect((await login('rick', 'x')).statusCode).toBe(401)
      const reply = await login('rick', 'morty')
      expect(reply.statusCode).toBe(429)
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
      expect(reply.json()).toEqual({
        message: expect.stringMatching(/^Too many/),
        status: 'ERROR',
        statusCode: '429',
      })
      door.clock.advanceS(15 * 60)
      expect((await login('rick', 'morty')).statusCode).toBe(200)
    })

    it('do not count requests without credentials, which browsers send first', async () => {
      for (let attempt = 0; attempt < 100; attempt++) await door.http.inject({ url: '/login' })
      expect((await login('rick', 'morty')).statusCode).toBe(200)
    })
  })

  describe('other methods', () => {
    const paths = ['ping', 'getData', 'getDataById', 'getDataByDate', 'getDataByRange'].map(
      (name) => `/apielec/${name}`,
    )

    it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)(
      'refuses %s, with a token or without',
      async (method) => {
        for (const url of paths) {
          const { status, headers, body } = await door.ask(url, { method, payload: 'x' })
          expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
          expect(body).toEqual({ message: 'The method is not allowed for the requested URL.' })
          expect((await door.http.inject({ url, method })).statusCode).toBe(405)
        }
      },
    )

    it('refuses anything but GET and POST at /login', async () => {
      const { status, headers } = await door.ask('/login', { method: 'PUT' })
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD, POST'])
    })

    it('takes an address with a slash at the end for the same', async () => {
      for (const url of [...paths, '/login']) {
        const [plain, slashed] = [await door.ask(url), await door.ask(`${url}/`)]
        expect(slashed.status).toBe(plain.status)
      }
    })
  })

  describe('Swagger', () => {
    it('describes every address that there is, and nothing that it refers to is missing', async () => {
      const reply = await door.http.inject({ url: '/swagger.json' })
      const document = reply.json<typeof SWAGGER_DOCUMENT>()
      expect(document).toEqual(SWAGGER_DOCUMENT)
      for (const path of Object.keys(document.paths))
        expect(door.http.hasRoute({ method: 'GET', url: path })).toBe(true)
      for (const [, name] of reply.body.matchAll(/"#\/definitions\/(\w+)"/g)) {
        expect(Object.keys(document.definitions)).toContain(name)
      }
    })

    it('serves its page, and all that the page loads, without a token and from this server', async () => {
      const page = await door.http.inject({ url: '/apielec/' })
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.headers['content-security-policy']).toContain("script-src 'self'")
      const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url)
      expect(loaded).toHaveLength(4)
      for (const url of loaded) {
        const asset = await door.http.inject({ url: new URL(url, 'http://x/apielec/').pathname })
        expect([url, asset.statusCode]).toEqual([url, 200])
        expect(asset.rawPayload.length).toBeGreaterThan(0)
      }
    })

    it('starts with the description of this server', async () => {
      const { body } = await door.http.inject({ url: '/apielec/assets/start.js' })
      expect(body).toContain("url: '../swagger.json'")
    })

    it('is found without the slash', async () => {
      const { statusCode, headers } = await door.http.inject({ url: '/apielec' })
      expect([statusCode, headers.location]).toEqual([302, 'apielec/'])
    })
  })

  it('tells browsers to trust the stated types and to keep no answers', async () => {
    const { headers } = await door.ask('/apielec/getData')
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  })

  it('leaves the addresses of others alone', async () => {
    const reply = await door.http.inject({ url: '/apielec/unknown' })
    expect([reply.statusCode, reply.json().error]).toEqual([404, 'Not Found'])
  })

  it('answers a failure of its own without telling what it was', async () => {
    await door.readOnlyCatalog.destroy()
    const { status, body } = await door.ask('/apielec/getData')
    expect(status).toBe(500)
    expect(body).toEqual({
      message: 'Internal error',
      status: 'Unable to obtain the data',
      statusCode: '500',
    })
  })
})
