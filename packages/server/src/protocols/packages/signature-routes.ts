/** Signing keys of an account, and detached signatures of files: `<file>.sig` beside each. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { listFiles } from '../../catalog/package-tags.ts'
import type { PackageFileRow, SigningKeyRow } from '../../catalog/schema/packages.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import {
  createSigningKey,
  deleteSigningKey,
  listSignatures,
  listSigningKeys,
  saveSignature,
} from '../../catalog/signing-keys.ts'
import { isOwner } from '../../catalog/tag-changes.ts'
import { ForbiddenError, InvalidError, NotFoundError } from '../../errors.ts'
import { isSignedBy, readPublicKey, readSignature } from './ed25519.ts'
import { readJson, requireTexts } from './json-request.ts'
import { tagOfPath } from './lookup.ts'
import type { PackagesServices } from './services.ts'

const NAME_CHARS_MAX = 250
const EXTENSION = '.sig'

interface FileParams {
  readonly package: string
  readonly tag: string
  readonly file: string
}

export function signatureRoutes(http: FastifyInstance, { catalog, clock, logins }: PackagesServices): void {
  http.get('/user/signing_keys', async (request) => {
    const { accountId } = await logins.callerOf(request, 'read')
    return (await listSigningKeys(catalog, accountId)).map(keyView)
  })

  http.post('/user/signing_keys', async (request) => {
    const json = readJson(request)
    const { accountId } = await logins.callerOf(request, 'admin')
    const { name, public_key } = requireTexts(json, ['name', 'public_key'])
    if (name === '' || name.length > NAME_CHARS_MAX) {
      throw new InvalidError(`name has 1 to ${NAME_CHARS_MAX} characters`)
    }
    const key = await createSigningKey(catalog, {
      account_id: accountId,
      name,
      public_key: readPublicKey(public_key).toString('base64'),
      created_at_us: clock.nowUs(),
    })
    return keyView(key)
  })

  http.delete<{ Params: { id: string } }>('/user/signing_keys/:id', async (request, reply) => {
    const { accountId } = await logins.callerOf(request, 'admin')
    const isDeleted = await deleteSigningKey(catalog, { id: request.params.id, accountId })
    if (!isDeleted) throw new NotFoundError('could not locate signing key')
    return reply.code(204).send()
  })

  http.put<{ Params: FileParams }>('/packages/:package/:tag/:file', async (request) => {
    const json = readJson(request)
    const publisher = await logins.callerOf(request, 'write')
    const { owner, tag } = await tagOfPath(catalog, request.params)
    const file = signedFile(await listFiles(catalog, tag.id), request.params.file)
    if (!isOwner(publisher, tag) && !isOwner(publisher, owner)) {
      throw new ForbiddenError('tag belongs to another user')
    }
    const signature = readSignature(requireTexts(json, ['signature']).signature)
    const keys = await listSigningKeys(catalog, publisher.accountId)
    const key = keys.find(({ public_key }) =>
      isSignedBy(Buffer.from(public_key, 'base64'), { sha256: file.sha256, signature }),
    )
    if (key === undefined) {
      throw new InvalidError('signature fits none of your signing keys and the SHA-256 of this file')
    }
    await saveSignature(catalog, {
      file_id: file.id,
      key_id: key.id,
      signature: signature.toString('base64'),
      created_at_us: clock.nowUs(),
    })
    return { key_id: key.id, name: `${file.name}${EXTENSION}` }
  })
}

/** The newest signature of a file, or that of the key in `?key=`. */
export async function sendSignature(
  db: CatalogDb,
  {
    files,
    request,
    reply,
  }: { files: readonly PackageFileRow[]; request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  const { file: name } = request.params as FileParams
  const { key } = request.query as { key?: string }
  const file = signedFile(files, name)
  const signatures = await listSignatures(db, file.id)
  const found = signatures.find(({ key_id }) => key === undefined || key_id === key)
  if (found === undefined) throw new NotFoundError('could not locate signature for file')
  return reply
    .header('content-disposition', `attachment; filename=${name}`)
    .header('x-key-id', found.key_id)
    .type('application/octet-stream')
    .send(Buffer.from(found.signature, 'base64'))
}

function signedFile(files: readonly PackageFileRow[], name: string): PackageFileRow {
  const file = files.find((file) => `${file.name}${EXTENSION}` === name)
  if (file === undefined) throw new NotFoundError('could not locate file for package')
  return file
}

function keyView({ id, name, public_key }: SigningKeyRow) {
  return { id, name, public_key }
}
