import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { discardServer, type RunningServer, startServer } from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'

describe('sonde token', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await mkdtemp(join(tmpdir(), 'sonde-cli-')))
    return () => discardServer(server)
  })

  const run = (...args: string[]) =>
    sondeHere(['token', ...args], { environment: { SONDE_DATA_DIR: server.folder } })
  const statusWith = async (token: string) => {
    return (await fetch(`${server.url}/api/v1/project/`, { headers: { authorization: `Token ${token}` } }))
      .status
  }

  it('makes a token that works until it is revoked', async () => {
    const made = await run('create', 'laptop', '--scopes', 'read, write', '--expires', '90d')
    expect(made).toMatchObject({ code: 0, err: [] })
    const [token] = made.out
    expect(token).toMatch(/^sonde_/)
    expect(await statusWith(token)).toBe(200)

    const tokens = JSON.parse((await run('list', '--json')).out.join('\n'))
    const laptop = tokens.find(({ name }: { name: string }) => name === 'laptop')
    expect(laptop.scopes).toEqual(['read', 'write'])
    const days = (Date.parse(laptop.expires_on) - Date.now()) / (24 * 60 * 60 * 1_000)
    expect(Math.round(days)).toBe(90)

    expect(await run('revoke', laptop.id)).toMatchObject({ code: 0, out: [`Revoked ${laptop.id}`], err: [] })
    expect(await statusWith(token)).toBe(401)
    expect(await run('revoke', laptop.id)).toMatchObject({ code: 1, err: ['error: Not found.'] })
  })

  it('lists tokens as a table', async () => {
    await run('create', 'laptop', '--scopes', 'read')
    const { out } = await run('list')
    expect(out[0]).toMatch(/^id +name +scopes +limited to +expires +last used$/)
    expect(out.slice(2).some((line) => /^[0-9a-f-]{36} {2}laptop +read +never +never$/.test(line))).toBe(true)
  })

  it('passes on why the server refuses', async () => {
    const { code, err } = await run('create', 'x', '--scopes', 'read', '--project', 'p--0000-0999')
    expect(err).toEqual(['error: project: There is no such project.'])
    expect(code).toBe(1)
  })

  it.each<[args: string[], complaint: string]>([
    [['create', 'x'], "error: required option '--scopes <scopes>' not specified"],
    [
      ['create', 'x', '--scopes', 'read', '--expires', 'soon'],
      'error: "soon" is neither days, such as 90d, nor a moment',
    ],
    [['revoke'], "error: missing required argument 'id'"],
  ])('complains of %j', async (args, complaint) => {
    const { code, err } = await run(...args)
    expect(err[0]).toContain(complaint)
    expect(code).toBeGreaterThan(0)
  })
})
