import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPackagesBench, type PackagesBench, upload } from './packages.fixture.ts'

const FILE = '/packages/sensor/1/sensor.bin'

let bench: PackagesBench
let token: string
let other: string
const cleanups: (() => Promise<void>)[] = []
const [first, second] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')]

beforeAll(async () => {
  bench = await openPackagesBench((cleanup) => cleanups.push(cleanup))
  token = await bench.user('rosa')
  other = await bench.user('evil')
  await bench.form('/packages/sensor/1', upload({}, 'sensor.bin', 'firmware'), { token })
})
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

const rawOf = (key: KeyObject) =>
  Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url').toString('base64')
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()
const addKey = async (public_key: string, by = token) => {
  const { status, text } = await bench.post('/user/signing_keys', { name: 'release', public_key }, by)
  return { status, ...(JSON.parse(text) as { id: string; message?: string }) }
}
const putSignature = (signature: string, by = token) =>
  bench.ask(`${FILE}.sig`, { method: 'PUT', json: { signature }, token: by })
/** A signature of the file as it lies there. */
const signed = async (key: KeyObject): Promise<Buffer> => {
  const { headers } = await bench.ask(FILE, { token, method: 'HEAD' })
  return sign(null, Buffer.from(String(headers['x-sha256']), 'hex'), key)
}

describe('signing keys', () => {
  it.each([
    ['nothing', ''],
    ['too few bytes', Buffer.alloc(31).toString('base64')],
    ['another kind', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)],
    ['a private key', first.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('are no %s', async (_, key) => {
    expect(await addKey(key)).toMatchObject({
      status: 400,
      message: expect.stringContaining('public_key is not valid'),
    })
  })

  it('are two for each account at most, as PEM or as bytes', async () => {
    expect(await addKey(pemOf(first.publicKey))).toMatchObject({ status: 200 })
    expect(await addKey(rawOf(first.publicKey))).toMatchObject({
      status: 409,
      message: 'signing key is there already',
    })
    const added = await addKey(rawOf(second.publicKey))
    expect(added.status).toBe(200)
    const third = rawOf(generateKeyPairSync('ed25519').publicKey)
    expect(await addKey(third)).toMatchObject({ status: 409, message: expect.stringContaining('at most 2') })
    expect(await addKey(third, other)).toMatchObject({ status: 200 })
    const { text } = await bench.ask('/user/signing_keys', { token })
    const keys = JSON.parse(text)
    expect(keys.map((key: { public_key: string }) => key.public_key).sort()).toEqual(
      [rawOf(first.publicKey), rawOf(second.publicKey)].sort(),
    )
    const path = `/user/signing_keys/${added.id}`
    expect(await bench.ask(path, { method: 'DELETE', token: other })).toMatchObject({ status: 404 })
  })
})

describe('signatures', () => {
  it('are not there before somebody signs', async () => {
    expect(await bench.ask(`${FILE}.sig`, { token })).toMatchObject({ status: 404 })
  })

  it('are refused when they were tampered with, or are of something else', async () => {
    const good = await signed(first.privateKey)
    const tampered = Buffer.from(good)
    tampered[10] ^= 1
    const ofOther = sign(null, Buffer.alloc(32), first.privateKey)
    const byOther = await signed(generateKeyPairSync('ed25519').privateKey)
    for (const bytes of [tampered, ofOther, byOther, good.subarray(1)]) {
      expect(await putSignature(bytes.toString('base64'))).toMatchObject({ status: 400 })
    }
    expect(await putSignature(good.toString('base64'), other)).toMatchObject({ status: 403 })
    expect(await bench.ask(`${FILE}.sig`, { token })).toMatchObject({ status: 404 })
  })

  it('are served as they came, the newest first, or that of a key', async () => {
    const [old, fresh] = [await signed(first.privateKey), await signed(second.privateKey)]
    const reply = await putSignature(old.toString('base64'))
    expect(reply.status).toBe(200)
    const { key_id } = JSON.parse(reply.text)
    bench.clock.advance(1_000_000)
    expect(await putSignature(fresh.toString('base64'))).toMatchObject({ status: 200 })
    expect((await bench.ask(`${FILE}.sig`, { token })).bytes.equals(fresh)).toBe(true)
    expect((await bench.ask(`${FILE}.sig?key=${key_id}`, { token })).bytes.equals(old)).toBe(true)
    expect(await bench.ask(`/user/signing_keys/${key_id}`, { method: 'DELETE', token })).toMatchObject({
      status: 204,
    })
    expect(await bench.ask(`${FILE}.sig?key=${key_id}`, { token })).toMatchObject({ status: 404 })
  })

  it('go with the file that they are of', async () => {
    await bench.form('/packages/sensor/1', upload({}, 'sensor.bin', 'newer'), { token, method: 'PUT' })
    expect(await bench.ask(`${FILE}.sig`, { token })).toMatchObject({ status: 404 })
    expect(await bench.catalog.selectFrom('package_signatures').selectAll().execute()).toEqual([])
  })
})
