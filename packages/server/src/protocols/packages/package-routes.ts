/**
 * Packages, their tags and files: lists, uploads, downloads, deletion. The same routes are registered below
 * `/packages` and, as a short form, without it.
 */
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { ByteRange } from '../../blobs/blob-store.ts'
import { listFiles, listTags } from '../../catalog/package-tags.ts'
import { listPackages } from '../../catalog/packages.ts'
import type { PackageFileRow } from '../../catalog/schema/packages.ts'
import { deleteEmptyPackage, deleteTag } from '../../catalog/tag-changes.ts'
import { NotFoundError } from '../../errors.ts'
import { sendFile } from '../../http/send-file.ts'
import { US_PER_MS } from '../../model/time.ts'
import { jsonList } from './json-list.ts'
import { readJson, readSearch } from './json-request.ts'
import { packageOfPath, tagOfPath } from './lookup.ts'
import type { PackagesServices } from './services.ts'
import { sendSignature } from './signature-routes.ts'
import { takeUpload } from './upload.ts'
import type { UploadAllowance } from './upload-allowance.ts'

export interface PathParams {
  readonly package: string
  readonly tag: string
  readonly file: string
}

type Request = FastifyRequest<{ Params: PathParams }>

export interface RouteOptions {
  /** `/packages`, or nothing for the short form. */
  readonly base: string
  /** Asked before anything else. */
  readonly onRequest?: onRequestHookHandler
}

/** Lists and downloads. Bodies of GET requests are texts here. */
export function readRoutes(http: FastifyInstance, services: PackagesServices, options: RouteOptions): void {
  const { catalog, logins } = services
  const hooks = options.onRequest === undefined ? {} : { onRequest: options.onRequest }

  http.get<{ Params: PathParams }>(`${options.base}/:package`, hooks, async (request, reply) => {
    const search = readSearch(request, readJson(request), ['tag_search', 'search'])
    await logins.callerOf(request, 'read')
    const { id } = await packageOfPath(catalog, request.params)
    const list = jsonList(
      (page) => listTags(catalog, id, { search, ...page }),
      ({ id, tag }) => ({ id, tag }),
    )
    return reply.type('application/json; charset=utf-8').send(list)
  })

  http.route({
    ...hooks,
    method: ['GET', 'HEAD'],
    url: `${options.base}/:package/:tag`,
    handler: async (request: Request, reply) => {
      readJson(request)
      await logins.callerOf(request, 'read')
      const { tag } = await tagOfPath(catalog, request.params)
      const files = await listFiles(catalog, tag.id)
      if ('files' in (request.query as object)) return reply.send(files.map(fileView))
      return sendFile(request, reply, served(services, files.at(0)))
    },
  })
}

/** What exists below `/packages` only. */
export function canonicalReadRoutes(http: FastifyInstance, services: PackagesServices): void {
  const { catalog, logins } = services

  http.get('/packages', async (request, reply) => {
    const search = readSearch(request, readJson(request), ['search'])
    await logins.callerOf(request, 'read')
    const list = jsonList(
      (page) => listPackages(catalog, { search, ...page }),
      ({ id, title }) => ({ id, title }),
    )
    return reply.type('application/json; charset=utf-8').send(list)
  })

  http.route({
    method: ['GET', 'HEAD'],
    url: '/packages/:package/:tag/:file',
    handler: async (request: Request, reply) => {
      readJson(request)
      await logins.callerOf(request, 'read')
      const { tag } = await tagOfPath(catalog, request.params)
      const files = await listFiles(catalog, tag.id)
      const file = files.find(({ name }) => name === request.params.file)
      if (file === undefined) return sendSignature(catalog, { files, request, reply })
      return sendFile(request, reply, served(services, file))
    },
  })

  http.delete<{ Params: PathParams }>('/packages/:package/:tag', async (request, reply) => {
    const publisher = await logins.callerOf(request, 'write')
    await deleteTag(catalog, { publisher, ...(await tagOfPath(catalog, request.params)) })
    return reply.code(204).send()
  })

  http.delete<{ Params: PathParams }>('/packages/:package', async (request, reply) => {
    const publisher = await logins.callerOf(request, 'write')
    const owner = await packageOfPath(catalog, request.params)
    await deleteEmptyPackage(catalog, { publisher, owner })
    return reply.code(204).send()
  })
}

/** Bodies of these requests are streams. */
export function uploadRoutes(
  http: FastifyInstance,
  services: PackagesServices,
  { base, onRequest, allowance }: RouteOptions & { readonly allowance: UploadAllowance },
): void {
  const hooks = onRequest === undefined ? {} : { onRequest }
  const upload = async (request: FastifyRequest, { isReplacing }: { isReplacing: boolean }) => {
    const publisher = await services.logins.callerOf(request, 'write')
    const { packageId, tagId } = await takeUpload(services, allowance, {
      publisher,
      path: request.params as Partial<PathParams>,
      contentType: request.headers['content-type'],
      body: request.body as Readable | undefined,
      isReplacing,
    })
    return { package_id: packageId, tag_id: tagId }
  }
  for (const url of [...(base === '' ? [] : [base]), `${base}/:package`, `${base}/:package/:tag`]) {
    http.post(url, hooks, (request) => upload(request, { isReplacing: false }))
  }
  if (base === '') return
  http.put(`${base}/:package/:tag`, (request) => upload(request, { isReplacing: true }))
}

function served({ blobs }: PackagesServices, file: PackageFileRow | undefined) {
  if (file === undefined) throw new NotFoundError('could not locate file for package')
  return {
    name: file.name,
    mediaType: file.media_type,
    sizeBytes: file.size_bytes,
    sha256: file.sha256,
    md5: file.md5,
    modifiedMs: Math.floor(file.created_at_us / US_PER_MS),
    read: (range?: ByteRange) =>
      blobs.read(file.sha256, range).catch((error) => {
        // The row says that it is there, so that this is no fault of the client's.
        throw error instanceof NotFoundError ? new Error(`the blob ${file.sha256} is missing`) : error
      }),
  }
}

function fileView({ id, md5, media_type, name, sha256, size_bytes }: PackageFileRow) {
  return { id, md5, media_type, name, sha256, size_bytes }
}
