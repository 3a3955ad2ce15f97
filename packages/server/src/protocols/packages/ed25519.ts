/**
 * Detached Ed25519 signatures of files. What is signed is the SHA-256 of a file, 32 bytes: Ed25519 itself needs
 * all of a message at once, which neither a small board nor a server with large files has room for.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { InvalidError } from '../../errors.ts'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** The 32 bytes of a key that came as base64 of them, or as PEM. @throws {InvalidError} */
export function readPublicKey(text: string): Buffer {
  const bytes = text.includes('-----BEGIN') ? bytesOfPem(text) : fromBase64(text)
  if (bytes?.length === KEY_BYTES) return bytes
  throw new InvalidError('public_key is not valid; send an Ed25519 key, as PEM or as base64 of its 32 bytes')
}

/** @throws {InvalidError} no base64 of 64 bytes. */
export function readSignature(text: string): Buffer {
  const bytes = fromBase64(text)
  if (bytes?.length === SIGNATURE_BYTES) return bytes
  throw new InvalidError('signature is not valid; send base64 of the 64 bytes of an Ed25519 signature')
}

/** @param sha256 Hex, of the file. */
export function isSignedBy(
  publicKey: Buffer,
  { sha256, signature }: { sha256: string; signature: Buffer },
): boolean {
  return verify(null, Buffer.from(sha256, 'hex'), keyOf(publicKey), signature)
}

function keyOf(publicKey: Buffer): KeyObject {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') }
  return createPublicKey({ key: jwk, format: 'jwk' })
}

function bytesOfPem(text: string): Buffer | undefined {
  // A private key would be taken for its public half, and has no business here.
  if (!text.includes('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    const key = createPublicKey(text)
    const { x } = key.export({ format: 'jwk' })
    return key.asymmetricKeyType === 'ed25519' ? Buffer.from(x ?? '', 'base64url') : undefined
  } catch {
    return undefined
  }
}

function fromBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text.trim()) ? Buffer.from(text, 'base64') : undefined
}
