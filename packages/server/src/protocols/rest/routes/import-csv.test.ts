import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listProjects } from '../../../catalog/projects.ts'
import { ADMIN, openRestBench, type RestBench } from '../rest.fixture.ts'

const FILE = 'time,temp\n2024-05-01T10:00:00Z,20.5\n'

interface PostOptions {
  readonly token?: string | null
  readonly type?: string
}

/** The status, and what was answered line by line. */
async function post(
  bench: RestBench,
  parameters: Record<string, string>,
  body = FILE,
  { token = ADMIN.token, type = 'text/csv' }: PostOptions = {},
) {
  const reply = await bench.http.inject({
    method: 'POST',
    url: '/api/v1/import/csv/',
    query: { project: 'Home', device: 'boiler', ...parameters },
    headers: { 'content-type': type, ...(token === null ? {} : { authorization: `Token ${token}` }) },
    payload: body,
  })
  const events = reply.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { status: reply.statusCode, type: reply.headers['content-type'], body: events[0], events }
}

describe('POST import/csv/', () => {
  let bench: RestBench
  const importFile = (parameters: Record<string, string>, body?: string, options?: PostOptions) => {
    return post(bench, parameters, body, options)
  }
  beforeEach(async () => {
    bench = await openRestBench({ limits: { rejectionsListedMax: 2 } })
  })

  const projectNames = async () => {
    const { rows } = await listProjects(bench.services.catalog, { sight: {} }, { limit: 100, offset: 0 })
    // One is there from the start.
    return rows.map(({ name }) => name).filter((name) => name !== 'Garden')
  }
  const slugOfHome = async () => {
    const { body } = await bench.ask('project/')
    return body.results.find(({ name }: { name: string }) => name === 'Home').slug as string
  }
  const values = async (filter = 'project=Home') => {
    const { body } = await bench.ask(`query/?${filter}`)
    return body.results.flatMap((series: { values: unknown[] }) => series.values)
  }
  const newToken = async (body: object) => {
    return (await bench.ask('token/', { method: 'POST', body: { name: 'x', ...body } })).body.token as string
  }

  it('stores the file and tells how it went, an event a line', async () => {
    const reply = await importFile({}, `${FILE}later,1\n2024-05-01T11:00:00Z,1e999\nnever,1\n`)
    expect(reply.status).toBe(200)
    expect(reply.type).toBe('application/x-ndjson; charset=utf-8')
    const { events } = reply
    expect(events[0]).toEqual({ event: 'progress', lines: 1, points: 0, rejected: 0 })
    expect(events.filter(({ event }) => event === 'rejected')).toEqual([
      { event: 'rejected', line: 3, reason: '"later" is no time of the format iso' },
      { event: 'rejected', line: 5, reason: '"never" is no time of the format iso' },
    ])
    expect(events.at(-1)).toEqual({ event: 'done', lines: 5, points: 1, rejected: 3 })
    expect(await values()).toEqual([20.5])
  })

  it('takes the body for the file whatever its type is said to be', async () => {
    for (const type of [
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain; charset=utf-8',
    ]) {
      const reply = await importFile({}, FILE, { type })
      expect(reply.events.at(-1)).toMatchObject({ event: 'done', points: 1 })
    }
  })

  it('reads separators, tabs and headers with commas in them', async () => {
    const parameters = { delimiter: 'tab', decimal: 'comma', columns: '"temp, in"' }
    await importFile(parameters, 'time\ttemp, in\tx\n2024-05-01\t1,5\t2\n')
    expect(await values()).toEqual([1.5])
  })

  describe('finds the project', () => {
    it('by name, and makes it once', async () => {
      await importFile({})
      await importFile({}, 'time,hum\n2024-05-01T10:00:00Z,60\n')
      expect(await projectNames()).toEqual(['Home'])
      expect(await values()).toEqual([20.5, 60])
    })

    it('by slug and by UUID', async () => {
      await importFile({})
      const [{ id, slug }] = (await bench.ask('project/')).body.results
      expect((await importFile({ project: slug }, 'time,a\n2024-05-01,1\n')).status).toBe(200)
      expect((await importFile({ project: id }, 'time,b\n2024-05-01,2\n')).status).toBe(200)
      expect(await values()).toEqual([20.5, 1, 2])
    })

    it('not when a slug or UUID names none', async () => {
      for (const project of ['p--0000-0fff', '7f5d8e5c-3f0c-4c8a-9a0e-2d2a1c1b5f11']) {
        expect(await importFile({ project })).toMatchObject({
          status: 404,
          body: { detail: `There is no project ${project}.` },
        })
      }
      expect(await projectNames()).toEqual([])
    })

    it('of the organization that is named, where there is a choice', async () => {
      await bench.ask('org/', { method: 'POST', body: { name: 'Cabin' } })
      expect(await importFile({})).toMatchObject({
        status: 400,
        body: { org: ['There is no project "Home" yet; say where to make it: cabin, home.'] },
      })
      for (const org of ['home', 'cabin']) expect((await importFile({ org })).status).toBe(200)
      expect(await importFile({})).toMatchObject({
        status: 400,
        body: { org: ['Several of your organizations have a project "Home"; say which.'] },
      })
    })

    it('of nobody else', async () => {
      await importFile({})
      const token = await bench.user('eve')
      expect(await importFile({}, FILE, { token })).toMatchObject({
        status: 403,
        body: { detail: 'There is no project "Home", and you may not make one.' },
      })
      expect((await importFile({ project: await slugOfHome() }, FILE, { token })).status).toBe(404)
      expect(await importFile({ org: 'home' }, FILE, { token })).toMatchObject({ status: 400 })
    })
  })

  describe('asks for permission', () => {
    it('by credentials', async () => {
      expect((await importFile({}, FILE, { token: null })).status).toBe(401)
    })

    it('to write', async () => {
      await importFile({})
      const token = await newToken({ scopes: ['read'] })
      expect(await importFile({}, FILE, { token })).toMatchObject({
        status: 403,
        body: { detail: 'This token lacks the scope "write".' },
      })
    })

    it('to make devices, variables and projects', async () => {
      await importFile({})
      const token = await newToken({ scopes: ['write'] })
      const reply = await importFile({}, 'time,temp,new\n2024-05-01T12:00:00Z,21,1\n', { token })
      expect(reply.events.slice(-2)).toEqual([
        {
          event: 'rejected',
          line: 2,
          reason: expect.stringContaining('There is no stream "new" of device "boiler"'),
        },
        { event: 'done', lines: 2, points: 1, rejected: 1 },
      ])
      expect((await importFile({ project: 'Other' }, FILE, { token })).status).toBe(403)
      expect(await projectNames()).toEqual(['Home'])
    })

    it('within the limit of a token', async () => {
      await importFile({})
      await importFile({ project: 'Other', device: 'pump' })
      const ofProject = await newToken({ scopes: ['write', 'provision'], project: await slugOfHome() })
      expect((await importFile({ device: 'new' }, FILE, { token: ofProject })).status).toBe(200)
      expect((await importFile({ project: 'Other' }, FILE, { token: ofProject })).status).toBe(403)
      expect((await importFile({ project: 'New' }, FILE, { token: ofProject })).status).toBe(403)

      const ofDevice = await newToken({ scopes: ['write'], device: 'd--0001' })
      expect((await importFile({}, FILE, { token: ofDevice })).status).toBe(200)
      expect((await importFile({ device: 'new' }, FILE, { token: ofDevice })).status).toBe(403)
      expect((await importFile({ device: 'unknown' }, FILE, { token: ofDevice })).status).toBe(403)
      const parameters = { device: '', device_column: 'site' }
      const body = 'time,site,temp\n2024-05-01,boiler,1\n'
      expect((await importFile(parameters, body, { token: ofDevice })).status).toBe(403)
    })
  })

  describe('over the network', () => {
    let url: string
    beforeEach(async () => {
      await bench.http.listen({ host: '127.0.0.1', port: 0 })
      const { port } = bench.http.server.address() as AddressInfo
      url = `http://127.0.0.1:${port}/api/v1/import/csv/?project=Home&device=boiler&time_format=s`
    })
    const headers = { authorization: `Token ${ADMIN.token}`, 'content-type': 'text/csv', connection: 'close' }

    function upload(body: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Response> {
      return fetch(url, {
        method: 'POST',
        headers,
        body: ReadableStream.from(body),
        duplex: 'half',
        ...(signal === undefined ? {} : { signal }),
      })
    }
    const rows = (from: number, count: number) =>
      Buffer.from(Array.from({ length: count }, (_, i) => `${from + i},1\n`).join(''))
    const pointCount = async () => (await bench.store.stats()).pointCount
    const until = async (isSo: () => Promise<boolean>) => {
      while (!(await isSo())) await setTimeout(5)
    }

    it('answers while the file is still coming', async () => {
      let goOn = () => {}
      const pause = new Promise<void>((resolve) => {
        goOn = resolve
      })
      async function* body() {
        yield Buffer.from('time,x\n')
        yield rows(0, 60_000)
        await pause
        yield rows(60_000, 10)
      }
      const response = await upload(body())
      await until(async () => (await pointCount()) === 50_000)
      goOn()
      const events = (await response.text()).trimEnd().split('\n')
      expect(JSON.parse(events.at(-1) ?? '')).toEqual({
        event: 'done',
        lines: 60_011,
        points: 60_010,
        rejected: 0,
      })
    })

    it('gets a refusal through to a client that has much more to send', async () => {
      async function* body() {
        yield Buffer.from('time;x\n')
        for (let i = 0; i < 100; i++) yield rows(i * 10_000, 10_000)
      }
      const response = await upload(body())
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual([expect.stringContaining('is the delimiter right?')])
    })

    it('gets a failure in the middle through as the last event', async () => {
      bench.store.append = async () => {
        throw new Error('a bug')
      }
      async function* body() {
        yield Buffer.from('time,x\n')
        for (let i = 0; i < 100; i++) yield rows(i * 10_000, 10_000)
      }
      const response = await upload(body())
      expect(response.status).toBe(200)
      const events = (await response.text()).trimEnd().split('\n')
      expect(JSON.parse(events.at(-1) ?? '')).toEqual({ event: 'error', message: 'Internal error.' })
    })

    it('ends with the client, and keeps what was stored', async () => {
      const controller = new AbortController()
      async function* body() {
        yield Buffer.from('time,x\n')
        for (let i = 0; !controller.signal.aborted; i++) {
          yield rows(i * 10_000, 10_000)
          if ((await pointCount()) > 0) controller.abort()
        }
      }
      const response = await upload(body(), controller.signal)
      await expect(response.text()).rejects.toThrow('aborted')
      await until(async () => {
        const before = await pointCount()
        await setTimeout(50)
        return (await pointCount()) === before
      })
      expect(await pointCount()).toBeGreaterThan(0)
    })

    it('ends when the server stops, though the upload stands still', async () => {
      async function* body() {
        yield Buffer.from('time,x\n')
        yield rows(0, 60_000)
        await setTimeout(60_000, undefined, { ref: false })
      }
      const response = await upload(body())
      const answer = response.text().catch(() => 'cut off')
      await until(async () => (await pointCount()) > 0)
      await bench.http.close()
      expect(await answer).not.toContain('done')
    })
  })
})

describe('POST import/csv/ with what is wrong', () => {
  let bench: RestBench
  const cleanups: (() => Promise<void>)[] = []
  beforeAll(async () => {
    bench = await openRestBench({}, (cleanup) => cleanups.unshift(cleanup))
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })

  it.each<[parameters: Record<string, string>, body: string, error: object]>([
    [{ project: ' ' }, FILE, { project: ['give a name, a slug or a UUID'] }],
    [{ device: ' ' }, FILE, { device: ['give either device or device_column'] }],
    [{ device_column: 'x' }, FILE, { device: ['give either device or device_column'] }],
    [{ device: 'd--0001' }, FILE, { device: ['give the name of the device, not its slug'] }],
    [{ tz: '+01:00' }, FILE, { tz: [expect.stringContaining('IANA')] }],
    [{ time_format: 'x' }, FILE, { time_format: [expect.stringContaining('stands for nothing')] }],
    [{ time_column: 'when' }, FILE, { time_column: [expect.stringContaining('the header has no "when"')] }],
    [{ columns: 'a,"b' }, FILE, { columns: ['give the headers as a line of CSV'] }],
    [{ columns: 'temp,hum' }, FILE, { columns: [expect.stringContaining('the header has no "hum"')] }],
    [{ delimiter: '::' }, FILE, { delimiter: [expect.any(String)] }],
    [{ delimiter: '"' }, FILE, { delimiter: [expect.any(String)] }],
    [{ decimal: 'dot' }, FILE, { decimal: [expect.any(String)] }],
    [{ org: 'elsewhere' }, FILE, { org: ['You have no organization "elsewhere".'] }],
    [{ project: 'x'.repeat(251) }, FILE, { project: ['The name is longer than 250 characters.'] }],
  ])('answers 400 to %j', async (parameters, body, error) => {
    expect(await post(bench, parameters, body)).toMatchObject({ status: 400, body: error })
  })

  it('answers 400 to a body without a header', async () => {
    const error = ['The file is empty; its first line must name the columns']
    expect(await post(bench, {}, '')).toMatchObject({ status: 400, body: error })
  })
})
