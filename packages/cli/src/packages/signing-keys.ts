/** Ed25519 keys in PEM files, and what they sign: the 32 bytes of the SHA-256 of a file. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { Failure } from '../failure.ts'
import { unreadable } from './hash-file.ts'

const PEM_BYTES_MAX = 16 * 1024
const SIGNATURE_BYTES = 64

/** @throws {Failure} the file holds no private Ed25519 key. */
export async function readPrivateKey(path: string): Promise<KeyObject> {
  const pem = await readPem(path)
  if (pem.includes('PUBLIC KEY-----'))
    throw new Failure(`${path} is a public key; signing takes the private one`)
  if (pem.includes('ENCRYPTED PRIVATE KEY-----')) {
    throw new Failure(`${path} is encrypted; decrypt it first, as "openssl pkey -in ${path}" does`)
  }
  return keyOf(path, () => createPrivateKey(pem))
}

/** Of a private key the public half. @throws {Failure} the file holds no Ed25519 key. */
export async function readPublicKey(path: string): Promise<KeyObject> {
  const pem = await readPem(path)
  return keyOf(path, () => createPublicKey(pem))
}

/** Base64 of the 32 bytes, as servers name a key. */
export function publicKeyText(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return Buffer.from(x, 'base64url').toString('base64')
}

/** The key that a server names. @throws {Failure} it is none. */
export function keyOfText(text: string): KeyObject {
  const x = Buffer.from(text, 'base64').toString('base64url')
  return keyOf('What the server names', () =>
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
  )
}

/** Base64 of 64 bytes. */
export function signHash(sha256: string, key: KeyObject): string {
  return sign(null, Buffer.from(sha256, 'hex'), key).toString('base64')
}

export function isSignedBy(
  key: KeyObject,
  { sha256, signature }: { sha256: string; signature: Uint8Array },
): boolean {
  return signature.length === SIGNATURE_BYTES && verify(null, Buffer.from(sha256, 'hex'), key, signature)
}

async function readPem(path: string): Promise<string> {
  const found = await stat(path).catch((error) => {
    throw unreadable(path, error)
  })
  if (!found.isFile() || found.size > PEM_BYTES_MAX) throw noKey(path)
  return readFile(path, 'utf8').catch((error) => {
    throw unreadable(path, error)
  })
}

function keyOf(path: string, read: () => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = read()
  } catch {
    throw noKey(path)
  }
  if (key.asymmetricKeyType !== 'ed25519') throw noKey(path)
  return key
}

function noKey(path: string): Failure {
  return new Failure(
    `${path} is no Ed25519 key in PEM; "openssl genpkey -algorithm ed25519 -out release.pem" makes one`,
  )
}
