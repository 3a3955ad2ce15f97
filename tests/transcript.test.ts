/** A day with the REST API, from the login on, as somebody sees it who has only read its description. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, discardServer, type RunningServer, startServer, temporaryFolder } from './server.fixture.ts'

const POINTS = 25_000
const PAGE = 5_000
const START_MS = Date.parse('2026-05-01T00:00:00Z')
const timeOf = (i: number) => new Date(START_MS + i * 1_000).toISOString().replace('.000Z', 'Z')
const readingOf = (i: number) => 20 + (i % 100) / 10

describe('REST API', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
  })
  afterAll(() => server && discardServer(server))

  /** Asks as whoever is logged in, with an address below `/api/v1/` or a whole one. */
  function asking(jwt: string) {
    return async (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') => {
      const isForm = body instanceof FormData
      const reply = await fetch(path.startsWith('http') ? path : `${server.url}/api/v1/${path}`, {
        method,
        headers: {
          authorization: `jwt ${jwt}`,
          ...(isForm ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      })
      const text = await reply.text()
      const isJson = reply.headers.get('content-type')?.startsWith('application/json') === true
      return { status: reply.status, text, body: isJson && text !== '' ? JSON.parse(text) : undefined }
    }
  }

  async function login(email: string, password: string) {
    const reply = await fetch(`${server.url}/api/v1/auth/login/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    const { jwt, username } = (await reply.json()) as { jwt: string; username: string }
    return { ask: asking(jwt), username, status: reply.status }
  }

  it('serves a project from its first device to its files, and nobody else', async () => {
    const { ask, ...session } = await login(ADMIN.email, ADMIN.password)
    expect(session).toEqual({ username: ADMIN.username, status: 200 })
    const create = async (path: string, body: object) => {
      const reply = await ask(path, body)
      expect(reply.status, `${path}: ${reply.text}`).toBe(201)
      return reply.body
    }

    const org = await create('org/', { name: 'Green Growers' })
    const project = await create('project/', { name: 'Greenhouse', org: org.slug })
    const device = await create('device/', { label: 'South bed', project: project.id })
    const variable = await create('variable/', { project: project.id, lid: 0x5001, name: 'Temperature' })
    const { slug } = await create('stream/', { device: device.slug, variable: variable.slug })
    expect(slug).toBe(`s--${project.gid}--${device.gid}--5001`)

    const points = Array.from({ length: POINTS }, (_, i) => {
      return { stream: slug, timestamp: timeOf(i), value: readingOf(i) }
    })
    expect(await create('data/', points)).toEqual({ count: POINTS })

    let next: string | null = `stream/${slug}/data/`
    const values: number[] = []
    const sizes: number[] = []
    while (next !== null) {
      const { body }: { body?: any } = await ask(next)
      expect(body.count).toBe(POINTS)
      sizes.push(body.results.length)
      for (const point of body.results) values.push(point.value)
      next = body.next
    }
    expect(sizes).toEqual([PAGE, PAGE, PAGE, PAGE, PAGE])
    expect(values).toEqual(points.map(({ value }) => value))

    const csv = (await ask(`df/?filter=${slug}&format=csv`)).text.split('\n')
    expect(csv.length).toBe(1 + POINTS)
    expect([csv[0], csv[1], csv[POINTS]]).toEqual([
      'row,int_value,stream_slug',
      `${timeOf(0)},${readingOf(0)},${slug}`,
      `${timeOf(POINTS - 1)},${readingOf(POINTS - 1)},${slug}`,
    ])

    const form = new FormData()
    form.set('stream', slug)
    form.set('timestamp', timeOf(0))
    form.set('encoded_extra_data', '{"peak": 3.2}')
    form.set('file', new Blob(['{"acc": [0.1, 3.2]}']), 'shock.json')
    const { id: event } = await create('event/upload/', form)
    expect((await ask(`event/${event}/`)).body).toMatchObject({
      stream: slug,
      extra_data: { peak: 3.2 },
      has_raw_data: true,
    })
    expect((await ask(`event/${event}/data/`)).body).toEqual({ acc: [0.1, 3.2] })

    await create('account/', { username: 'mallory', email: 'mallory@example.org', password: 'not a friend' })
    const mallory = await login('mallory', 'not a friend')
    const seen = async (path: string, body?: object, method?: string) => {
      const reply = await mallory.ask(path, body, method)
      expect(reply.text, path).not.toMatch(/South bed|Green|Temperature|acc|peak|20\.1/)
      return reply.body?.count === 0 ? 'nothing' : reply.status
    }
    for (const [path, expected] of [
      [`org/${org.slug}/`, 404],
      [`org/${org.slug}/devices/`, 404],
      [`project/${project.id}/`, 404],
      [`device/${device.slug}/`, 404],
      [`device/${device.slug}/extra/`, 404],
      [`variable/${variable.slug}/`, 404],
      [`stream/${slug}/`, 404],
      [`stream/${slug}/data/`, 404],
      [`event/${event}/`, 404],
      [`event/${event}/data/`, 404],
      ['org/', 'nothing'],
      ['project/', 'nothing'],
      ['device/?staff=1', 'nothing'],
      ['stream/', 'nothing'],
      [`data/?filter=${slug}`, 'nothing'],
      [`event/?filter=${slug}`, 'nothing'],
    ] as const) {
      expect([path, await seen(path)]).toEqual([path, expected])
    }
    expect((await mallory.ask(`df/?filter=${slug}&format=csv`)).text).toBe('row,int_value,stream_slug')
    expect((await mallory.ask(`query/?filter=${slug}`)).body).toEqual({ results: [] })
    expect(await seen('data/', [points[0]])).toBe(403)
    expect(await seen(`device/${device.slug}/`, { label: 'mine' }, 'PATCH')).toBe(404)
    expect(await seen(`stream/${slug}/data/`, undefined, 'DELETE')).toBe(404)
    expect((await ask(`stream/${slug}/data/?page_size=1`)).body.count).toBe(POINTS)
  })
})
