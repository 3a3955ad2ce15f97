import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'

const pemOf = (key: KeyObject) =>
  key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }).toString()

describe('sonde package sign', () => {
  let server: RunningServer
  let folder: string
  const at = (name: string) => join(folder, name)
  const run = (args: string[]) =>
    sondeHere(['package', ...args], { environment: { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token } })

  beforeAll(async () => {
    server = await startServer(await temporaryFolder())
    folder = await temporaryFolder()
    const { privateKey } = generateKeyPairSync('ed25519')
    await writeFile(at('release.pem'), pemOf(privateKey))
    await writeFile(at('public.pem'), pemOf(createPublicKey(privateKey)))
    await writeFile(at('strange.pem'), pemOf(generateKeyPairSync('ed25519').privateKey))
    await writeFile(at('curve.pem'), pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey))
    await writeFile(at('a.bin'), 'firmware')
    await writeFile(at('b.bin'), 'other bytes')
    await run(['push', 'sensor', '1', at('a.bin')])
    await run(['key', 'add', 'release', at('release.pem')])
  })
  afterAll(async () => {
    await discardServer(server)
    await rm(folder, { recursive: true })
  })

  it('signs a file, so that everybody who has the public key can verify it', async () => {
    const verify = (...more: string[]) => run(['verify', 'sensor', '1', at('a.bin'), ...more])
    expect(await verify()).toMatchObject({
      code: 1,
      out: [],
      err: ['No signature of a.bin in sensor 1 is by a key of yours'],
    })
    const signed = await run(['sign', 'sensor', '1', at('a.bin'), '--key', at('release.pem')])
    expect(signed).toMatchObject({ code: 0, out: ['Signed a.bin of sensor 1 with the key release'], err: [] })
    expect((await verify()).out).toEqual([`${at('a.bin')} is signed with the key release`])
    const { text } = await verify('--key', at('public.pem'), '--json')
    expect(JSON.parse(text)).toMatchObject({ file: 'a.bin', verified: true, key: { name: 'release' } })
    const strange = await verify('--key', at('strange.pem'))
    expect(strange).toMatchObject({ code: 1, err: ['No signature of a.bin in sensor 1 is by this key'] })
  })

  it('verifies with a key that the server does not know', async () => {
    await run(['push', 'gone', '1', at('a.bin')])
    await run(['sign', 'gone', '1', at('a.bin'), '--key', at('release.pem')])
    const eve = { SONDE_URL: server.url, SONDE_TOKEN: ADMIN.token }
    const added = ['user', 'add', 'eve', '--email', 'eve@example.org']
    await sondeHere(added, { environment: eve, input: 'a password\n' })
    const body = JSON.stringify({ email: 'eve', password: 'a password' })
    eve.SONDE_TOKEN = (await (await server.request('auth/login/', { method: 'POST', body })).json()).token
    const verify = (key: string) =>
      sondeHere(['package', 'verify', 'gone', '1', at('a.bin'), '--key', at(key)], { environment: eve })
    expect(await verify('public.pem')).toMatchObject({ code: 0, err: [] })
    expect(await verify('strange.pem')).toMatchObject({ code: 1, out: [] })
  })

  it('lists keys, and deletes them with their signatures', async () => {
    await run(['key', 'add', 'second', at('strange.pem')])
    const keys = JSON.parse((await run(['key', 'list', '--json'])).text)
    expect(keys.map(({ name }: { name: string }) => name)).toEqual(['release', 'second'])
    expect((await run(['key', 'list'])).out[0]).toMatch(/^id +name +public key$/)
    await run(['push', 'deleted', '1', at('a.bin')])
    await run(['sign', 'deleted', '1', at('a.bin'), '--key', at('strange.pem')])
    const verify = () => run(['verify', 'deleted', '1', at('a.bin'), '--key', at('strange.pem')])
    expect((await verify()).code).toBe(0)
    expect((await run(['key', 'delete', keys[1].id])).out).toEqual([`Deleted ${keys[1].id}`])
    expect((await verify()).code).toBe(1)
  })

  it.each<[string, () => string[], RegExp]>([
    [
      'bytes that the tag has not',
      () => ['sensor', '1', at('b.bin'), '--key', at('release.pem')],
      /No file of sensor 1 has the bytes of/,
    ],
    [
      'a key that the server does not know',
      () => ['sensor', '1', at('a.bin'), '--key', at('strange.pem')],
      /The server does not know this key; "sonde package key add/,
    ],
    [
      'a public key',
      () => ['sensor', '1', at('a.bin'), '--key', at('public.pem')],
      /is a public key; signing takes the private one/,
    ],
    [
      'another kind of key',
      () => ['sensor', '1', at('a.bin'), '--key', at('curve.pem')],
      /is no Ed25519 key in PEM; "openssl genpkey/,
    ],
    ['no key', () => ['sensor', '1', at('a.bin'), '--key', at('a.bin')], /is no Ed25519 key in PEM/],
    [
      'a file that is none',
      () => ['sensor', '1', at('x.bin'), '--key', at('release.pem')],
      /There is no file/,
    ],
  ])('refuses to sign with %s', async (_, args, reason) => {
    const { code, err } = await run(['sign', ...args()])
    expect(err).toEqual([expect.stringMatching(reason)])
    expect(code).toBe(1)
  })
})
