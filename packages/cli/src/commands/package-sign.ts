/** `sonde package sign` and `verify`: detached signatures of files, made and looked at where nobody else is trusted. */
import { basename } from 'node:path'
import { Command } from 'commander'
import type { Connection } from '../connection.ts'
import { EXIT_FAILED, Failure, ToldFailure } from '../failure.ts'
import { hashFile, sizeOfFile } from '../packages/hash-file.ts'
import { listFiles, type PackageFile, type PackageTag, packageResource } from '../packages/package-files.ts'
import {
  isSignedBy,
  keyOfText,
  publicKeyText,
  readPrivateKey,
  readPublicKey,
  signHash,
} from '../packages/signing-keys.ts'
import { print, printJson, remark, type Shell } from '../shell.ts'
import { oneLine } from '../table.ts'
import { withServer } from '../with-server.ts'
import { listSigningKeys, type SigningKey } from './package-key.ts'

interface Options {
  readonly key?: string
  readonly json?: true
}

const SIGN_EXAMPLES = `
The file is one of yours, as you built or pulled it: what is signed is its SHA-256 here, and the server has to have
the same. The private key stays here; its public half has to be known there ("sonde package key add").

Examples:
  openssl genpkey -algorithm ed25519 -out release.pem
  sonde package key add release release.pem
  sonde package sign sensor 1.0 build/sensor-1.0.bin --key release.pem`

const VERIFY_EXAMPLES = `
With --key nothing that the server says is trusted: the signature fits the file here and the key here, or it does not.
Without, it has to be by one of the keys of your account. The exit code is 1 when it fits none.

Examples:
  sonde package verify sensor 1.0 sensor-1.0.bin --key release-public.pem
  sonde package pull sensor 1.0 && sonde package verify sensor 1.0 sensor-1.0.bin`

export function packageSignCommand(shell: Shell): Command {
  return new Command('sign')
    .description('sign a file of a tag')
    .argument('<package>', 'its title')
    .argument('<tag>', 'the version')
    .argument('<file>', 'the file here')
    .requiredOption('--key <pem>', 'file of the private Ed25519 key')
    .option('--json', 'print the signature as JSON')
    .addHelpText('after', SIGN_EXAMPLES)
    .action(async (title: string, tag: string, path: string, { key, json }: Options, command: Command) => {
      const wanted = { package: title, tag }
      const privateKey = await readPrivateKey(key!)
      const sha256 = await hashOf(path)
      await withServer(command, shell.environment, async (connection) => {
        const { name } = await findFile(connection, { wanted, path, sha256 })
        const keys = await listSigningKeys(connection)
        const known = keys.find(({ public_key }) => public_key === publicKeyText(privateKey))
        if (known === undefined) {
          throw new Failure(
            `The server does not know this key; "sonde package key add <name> ${key}" tells it`,
          )
        }
        const signature = signHash(sha256, privateKey)
        await connection.ask(signatureResource(wanted, name), {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ signature }),
        })
        if (json) printJson(shell, { ...wanted, file: name, sha256, signature, key_id: known.id })
        else print(shell, `Signed ${name} of ${title} ${tag} with the key ${oneLine(known.name)}`)
      })
    })
}

export function packageVerifyCommand(shell: Shell): Command {
  return new Command('verify')
    .description('look whether the signature of a file fits it')
    .argument('<package>', 'its title')
    .argument('<tag>', 'the version')
    .argument('<file>', 'the file here')
    .option('--key <pem>', 'file of the public Ed25519 key (default: the keys of your account)')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', VERIFY_EXAMPLES)
    .action(async (title: string, tag: string, path: string, { key, json }: Options, command: Command) => {
      const wanted = { package: title, tag }
      const publicKey = key === undefined ? undefined : await readPublicKey(key)
      const sha256 = await hashOf(path)
      await withServer(command, shell.environment, async (connection) => {
        const { name } = await findFile(connection, { wanted, path, sha256 })
        const known = await listSigningKeys(connection)
        const text = publicKey && publicKeyText(publicKey)
        const candidates = text === undefined ? known : known.filter(({ public_key }) => public_key === text)
        // A key of somebody else's has no id here; the newest signature may be by it.
        const tried =
          candidates.length > 0 || text === undefined
            ? candidates
            : [{ id: undefined, name: key!, public_key: text }]
        const signer = await findSigner(connection, { wanted, name, sha256, tried })
        if (json)
          printJson(shell, {
            ...wanted,
            file: name,
            sha256,
            verified: signer !== undefined,
            key: signer ?? null,
          })
        else if (signer === undefined) {
          remark(
            shell,
            `No signature of ${name} in ${title} ${tag} is by ${key === undefined ? 'a key of yours' : 'this key'}`,
          )
        } else print(shell, `${path} is signed with the key ${oneLine(signer.name)}`)
        if (signer === undefined) throw new ToldFailure(EXIT_FAILED)
      })
    })
}

async function hashOf(path: string): Promise<string> {
  await sizeOfFile(path)
  return hashFile(path)
}

/** The file of the tag that has these bytes. */
async function findFile(
  connection: Connection,
  { wanted, path, sha256 }: { wanted: PackageTag; path: string; sha256: string },
): Promise<PackageFile> {
  const same = (await listFiles(connection, wanted)).filter((file) => file.sha256 === sha256)
  const file = same.find(({ name }) => name === basename(path)) ?? same[0]
  if (file !== undefined) return file
  throw new Failure(
    `No file of ${wanted.package} ${wanted.tag} has the bytes of ${path}; look at those with "sonde package list"`,
  )
}

type Tried = Omit<SigningKey, 'id'> & { readonly id: string | undefined }

/** The first key that a signature of the file is by. */
async function findSigner(
  connection: Connection,
  {
    wanted,
    name,
    sha256,
    tried,
  }: { wanted: PackageTag; name: string; sha256: string; tried: readonly Tried[] },
): Promise<Tried | undefined> {
  for (const key of tried) {
    const signature = await readSignature(connection, { wanted, name, keyId: key.id })
    if (signature !== undefined && isSignedBy(keyOfText(key.public_key), { sha256, signature })) return key
  }
  return undefined
}

/** Undefined when there is none. */
async function readSignature(
  connection: Connection,
  { wanted, name, keyId }: { wanted: PackageTag; name: string; keyId: string | undefined },
): Promise<Uint8Array | undefined> {
  try {
    const response = await connection.ask(signatureResource(wanted, name), { parameters: { key: keyId } })
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    if (error instanceof Failure && error.message === NO_SIGNATURE) return undefined
    throw error
  }
}

const NO_SIGNATURE = 'could not locate signature for file'

function signatureResource({ package: title, tag }: PackageTag, name: string): string {
  return packageResource(title, tag, `${name}.sig`)
}
