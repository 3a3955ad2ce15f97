import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type App, buildApp } from '../../../app.ts'
import { loadConfig } from '../../../config.ts'
import { openRestBench } from '../rest.fixture.ts'

/** The door with real backups behind it: only the whole server puts the two together. */
describe('POST admin/backup/', () => {
  let folder: string
  let app: App
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonde-backup-'))
    const config = loadConfig({
      SONDE_DATA_DIR: join(folder, 'data'),
      SONDE_INIT_PASSWORD: 'correct horse',
      SONDE_INIT_TOKEN: 'admin-token',
    })
    app = await buildApp({ ...config, logLevel: 'silent' })
    onTestFinished(async () => {
      await app.stop()
      await rm(folder, { recursive: true })
    })
  })

  async function post(body: object, token = 'admin-token') {
    const headers = { authorization: `Token ${token}` }
    const url = '/api/v1/admin/backup/'
    const reply = await app.http.inject({ method: 'POST', url, headers, payload: body })
    const events = reply.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    return { status: reply.statusCode, type: reply.headers['content-type'], events }
  }

  it('tells how far it is, and what came of it', async () => {
    const path = join(folder, 'one')
    const { status, type, events } = await post({ path })
    expect(status).toBe(200)
    expect(type).toBe('application/x-ndjson; charset=utf-8')
    expect(events[0]).toEqual({ event: 'progress', bytes: expect.any(Number), total: expect.any(Number) })
    expect(events.at(-1)).toEqual({
      event: 'done',
      path,
      taken_at: expect.stringMatching(/^\d{4}-.*Z$/),
      points: 0,
      files: 3,
      bytes: expect.any(Number),
    })
    expect(await readdir(path)).toContain('backup.json')
  })

  it('says what is wrong with a path', async () => {
    expect(await post({ path: 'here' })).toMatchObject({
      status: 400,
      events: [{ path: ['This must be an absolute path.'] }],
    })
    expect(await post({ path: join(folder, 'data/inner') })).toMatchObject({ status: 400 })
    expect(await post({ path: folder })).toMatchObject({
      status: 409,
      events: [{ detail: `${folder} is not empty. Give each backup a folder of its own` }],
    })
    expect(await post({})).toMatchObject({ status: 400 })
  })

  it('is for staff with a token for everything', async () => {
    const bench = await openRestBench()
    const ask = (token: string | null) => {
      return bench.ask('admin/backup/', { method: 'POST', body: { path: join(folder, 'one') }, token })
    }
    expect((await ask(null)).status).toBe(401)
    expect((await ask(await bench.user('eve', 'a0'))).status).toBe(403)
    const scopes = ['read', 'write', 'provision']
    const { body } = await bench.ask('token/', { method: 'POST', body: { name: 'x', scopes } })
    expect((await ask(body.token)).status).toBe(403)
    expect(await readdir(folder)).toEqual(['data'])
  })
})
