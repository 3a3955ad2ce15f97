import { beforeEach, describe, expect, it } from 'vitest'
import { claimDevice, unclaimDevice } from '../../../catalog/devices.ts'
import { ADMIN, openRestBench, type RestBench } from '../rest.fixture.ts'

/** Which streams a query finds is remembered: here every question is asked twice, before a change and after. */
describe('query/', () => {
  let bench: RestBench
  let south: string
  let north: string

  beforeEach(async () => {
    bench = await openRestBench()
    await send('POST', 'project/', { name: 'Garden', org: 'home' })
    await write('south', { temperature: 21, humidity: 50 })
    await write('north', { temperature: 19 })
    const { results } = (await bench.ask('device/')).body
    south = results.find(({ label }: { label: string }) => label === 'south').slug
    north = results.find(({ label }: { label: string }) => label === 'north').slug
  })

  async function send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) {
    const reply = await bench.ask(path, { method, ...(body === undefined ? {} : { body }) })
    expect(reply.status).toBeLessThan(300)
    return reply.body
  }

  async function importCsv(query: Record<string, string>, body: string, token: string = ADMIN.token) {
    const headers = { 'content-type': 'text/csv', authorization: `Token ${token}` }
    const url = '/api/v1/import/csv/'
    const reply = await bench.http.inject({ method: 'POST', url, query, headers, payload: body })
    expect(reply.statusCode).toBe(200)
  }

  /** One point of each variable. */
  async function write(device: string, values: Record<string, number>) {
    const lines = [`time,${Object.keys(values)}`, `2026-01-01T00:00:00Z,${Object.values(values)}`, '']
    await importCsv({ project: 'Garden', device }, lines.join('\n'))
  }

  /** Device, variable and value of each stream found, in alphabetical order. */
  async function found(names: string, token?: string): Promise<string[]> {
    const reply = await bench.ask(`query/?agg=last&${names}`, token === undefined ? {} : { token })
    expect(reply.status).toBe(200)
    return reply.body.results
      .map(({ device, variable, values }: { device: string; variable: string; values: number[] }) =>
        [device, variable, ...values].join(' '),
      )
      .sort()
  }

  async function streamOf(device: string, variable: string): Promise<string> {
    const { results } = (await bench.ask(`query/?device=${device}&variable=${variable}`)).body
    return results[0].stream
  }

  async function variableSlug(name: string): Promise<string> {
    const { results } = (await bench.ask('variable/')).body
    return results.find((variable: { name: string }) => variable.name === name).slug
  }

  const BOTH = ['north temperature 19', 'south temperature 21']

  it('finds the same streams again, and points that have come since', async () => {
    expect(await found('project=Garden&variable=temperature')).toEqual(BOTH)
    await write('north', { temperature: 25 })
    expect(await found('project=Garden&variable=temperature')).toEqual([
      'north temperature 25',
      'south temperature 21',
    ])
  })

  it('finds streams in the order of their slugs, each of them once', async () => {
    const slugs = [
      await streamOf('south', 'humidity'),
      north,
      's--0000-0001--0000-0000-0000-0999--0001',
      await streamOf('south', 'temperature'),
      south,
    ]
    const { results } = (await bench.ask(`query/?agg=last&filter=${slugs}`)).body
    expect(results.map(({ values }: { values: number[] }) => values)).toEqual([[50], [19], [21]])
    expect(await found(`filter=${slugs}&variable=temperature`)).toEqual(BOTH)
    const { status } = await bench.ask(`query/?agg=last&filter=${south},zzz`)
    expect(status).toBe(400)
  })

  it('finds streams that were not there before', async () => {
    expect(await found('project=Garden&variable=temperature')).toEqual(BOTH)
    expect(await found('device=west')).toEqual([])
    await write('west', { temperature: 7 })
    expect(await found('project=Garden&variable=temperature')).toEqual([...BOTH, 'west temperature 7'])
    expect(await found('device=west')).toEqual(['west temperature 7'])
  })

  it('calls a device by its new name, and not by the old one', async () => {
    expect(await found('device=south')).toEqual(['south humidity 50', 'south temperature 21'])
    expect(await found('device=attic')).toEqual([])
    await send('PATCH', `device/${south}/`, { label: 'attic' })
    expect(await found('device=south')).toEqual([])
    expect(await found('device=attic')).toEqual(['attic humidity 50', 'attic temperature 21'])
    expect(await found(`filter=${south}`)).toEqual(['attic humidity 50', 'attic temperature 21'])
  })

  it('calls a variable and a project by their new names', async () => {
    expect(await found('project=Garden&variable=humidity')).toEqual(['south humidity 50'])
    await send('PATCH', `variable/${await variableSlug('humidity')}/`, { name: 'moisture' })
    expect(await found('project=Garden&variable=humidity')).toEqual([])
    expect(await found('project=Garden&variable=moisture')).toEqual(['south moisture 50'])
    const [{ id }] = (await bench.ask('project/?name=Garden')).body.results
    await send('PATCH', `project/${id}/`, { name: 'Park' })
    expect(await found('project=Garden&variable=moisture')).toEqual([])
    expect(await found('project=Park&variable=moisture')).toEqual(['south moisture 50'])
  })

  it('keeps streams of a device that left its project, and finds a device that comes back', async () => {
    const id = Number.parseInt(south.slice(-4), 16)
    const { catalog } = bench.services
    const asked = 'project=Garden&device=south&variable=temperature'
    expect(await found(asked)).toEqual(['south temperature 21'])
    await unclaimDevice(catalog, id)
    expect(await found(asked)).toEqual(['south temperature 21'])
    await send('PATCH', `device/${south}/`, { label: 'cellar' })
    expect(await found(asked)).toEqual([])
    const projectId = Number.parseInt((await variableSlug('humidity')).split('--')[1].replace('-', ''), 16)
    await claimDevice(catalog, { id, projectId, accountId: 1, nowUs: 0 })
    expect(await found('project=Garden&device=cellar&variable=temperature')).toEqual([
      'cellar temperature 21',
    ])
  })

  it('goes on finding a stream that is disabled, and not one that is deleted', async () => {
    const slug = await streamOf('south', 'temperature')
    expect(await found('variable=temperature')).toEqual(BOTH)
    await send('PATCH', `stream/${slug}/`, { enabled: false })
    expect(await found('variable=temperature')).toEqual(BOTH)
    await send('DELETE', `stream/${slug}/`)
    expect(await found('variable=temperature')).toEqual(['north temperature 19'])
    expect(await found(`filter=${slug}`)).toEqual([])
  })

  it('shows a member what there is, from joining until leaving', async () => {
    const token = await bench.user('morty')
    expect(await found('variable=temperature', token)).toEqual([])
    await send('POST', 'org/home/register/', { user: 'morty', role: 'm1' })
    expect(await found('variable=temperature', token)).toEqual(BOTH)
    await send('PATCH', 'org/home/members/morty/', { role: 'r1' })
    expect(await found('variable=temperature', token)).toEqual([])
    await send('PATCH', 'org/home/members/morty/', { role: 'm1' })
    expect(await found('variable=temperature', token)).toEqual(BOTH)
    await send('DELETE', 'org/home/members/morty/')
    expect(await found('variable=temperature', token)).toEqual([])
    expect(await found(`filter=${south}`, token)).toEqual([])
  })

  it('tells a stranger nothing that a member has just been told', async () => {
    const stranger = await bench.user('stranger')
    const member = await bench.user('summer', 'm1')
    for (const names of ['variable=temperature', 'project=Garden', `filter=${south},${north}`]) {
      expect((await found(names, member)).length).toBeGreaterThan(0)
      expect(await found(names, stranger)).toEqual([])
    }
  })

  it('shows staff all organisations when they ask for it, and only then', async () => {
    const owner = await bench.user('beth', 'm1')
    await bench.ask('org/', { method: 'POST', body: { name: 'Clinic' }, token: owner })
    await bench.ask('project/', { method: 'POST', body: { name: 'Barn', org: 'clinic' }, token: owner })
    await importCsv({ project: 'Barn', device: 'horse' }, 'time,weight\n2026-01-01T00:00:00Z,500\n', owner)
    expect(await found('variable=weight')).toEqual([])
    expect(await found('variable=weight&staff=1')).toEqual(['horse weight 500'])
    expect(await found('variable=weight')).toEqual([])
    expect(await found('variable=weight&staff=1', await bench.user('tammy', 'm1'))).toEqual([])
  })

  it('keeps a token within its limit, whatever the same account asks for without one', async () => {
    const limits = [{}, { device: south }, { device: north }]
    const tokens = await Promise.all(
      limits.map(async (limit) => {
        const body = { name: 'probe', scopes: ['read'], ...limit }
        return (await send('POST', 'token/', body)).token as string
      }),
    )
    for (const round of [1, 2]) {
      const answers = await Promise.all(tokens.map((token) => found('variable=temperature', token)))
      expect([round, ...answers]).toEqual([round, BOTH, ['south temperature 21'], ['north temperature 19']])
    }
  })

  it('ends with the token', async () => {
    const { id, token } = await send('POST', 'token/', { name: 'probe', scopes: ['read'] })
    expect(await found('variable=temperature', token)).toEqual(BOTH)
    await send('DELETE', `token/${id}/`)
    expect((await bench.ask('query/?agg=last&variable=temperature', { token })).status).toBe(401)
  })

  it('sends a short answer whole and a long one in pieces', async () => {
    const short = await bench.ask('query/?device=south&format=csv')
    expect(short.headers['content-length']).toBe(String(short.text.length))
    const lines = Array.from({ length: 20_000 }, (_, i) => `${new Date(1e12 + i * 1e3).toISOString()},${i}`)
    const query = { project: 'Garden', device: 'long' }
    await importCsv(query, `time,level\n${lines.join('\n')}\n`)
    const long = await bench.ask('query/?device=long&format=csv')
    expect(long.headers['content-length']).toBeUndefined()
    expect(long.text.split('\r\n').length).toBe(1 + lines.length + 1)
  })
})
