/** `/api/v1/ota/script/<slug>/file/`: the file of a script. */
import multipart from '@fastify/multipart'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { setScriptFile } from '../../../catalog/ota-scripts.ts'
import type { OtaScriptRow } from '../../../catalog/schema/fleets.ts'
import { NotFoundError } from '../../../errors.ts'
import { RestAnswer } from '../errors.ts'
import { scriptOfPath } from '../ota-lookup.ts'
import type { RestHttp } from '../rest-http.ts'
import type { RestServices } from '../services.ts'
import { OtaScriptFileView } from '../views/ota.ts'
import { ScriptPath } from './ota-script.ts'

const tags = ['ota']
const FIELDS_MAX = 10
const FIELD_BYTES_MAX = 4_096
const NAME_CHARS_MAX = 250

export function otaScriptFileRoutes(http: RestHttp, services: RestServices): void {
  const { blobs, catalog, config } = services
  const bytesMax = config.limits.bodyBytesMax
  const view = (row: OtaScriptRow, url: string) => {
    if (row.file_sha256 === null) throw new NotFoundError('The script has no file yet.')
    const { major_version, minor_version, patch_version } = row
    return {
      name: row.file_name ?? '',
      url,
      key: row.file_sha256,
      major_version,
      minor_version,
      patch_version,
    }
  }

  http.get(
    '/ota/script/:slug/file/',
    {
      schema: {
        tags,
        summary: 'Read where the file of a script is',
        params: ScriptPath,
        response: { 200: OtaScriptFileView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const row = await scriptOfPath(services, request, { text, permission: 'view' })
      return view(row, `${services.publicUrl(request)}${http.prefix}/ota/script/${text}/file/content/`)
    },
  )

  http.get(
    '/ota/script/:slug/file/content/',
    { schema: { tags, summary: 'Download the file of a script', params: ScriptPath } },
    async (request, reply) => {
      const { slug: text } = request.params
      const row = await scriptOfPath(services, request, { text, permission: 'view' })
      const { name, key } = view(row, '')
      const bytes = await blobs.read(key)
      return reply
        .type('application/octet-stream')
        .header('content-length', row.file_size_bytes)
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
        .header('x-content-type-options', 'nosniff')
        .send(bytes)
    },
  )

  void http.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    await scope.register(multipart, {
      // One byte more than is taken, so that a file over the limit is refused and not cut.
      limits: { fileSize: bytesMax + 1, files: 1, fields: FIELDS_MAX, fieldSize: FIELD_BYTES_MAX },
    })
    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/ota/script/:slug/file/',
      {
        schema: {
          tags,
          summary: 'Upload the file of a script',
          description: 'A form with the part `file`. A released script keeps the file that it has.',
          consumes: ['multipart/form-data'],
          params: ScriptPath,
          response: { 201: OtaScriptFileView },
        },
      },
      async (request, reply) => {
        const { slug: text } = request.params
        const script = await scriptOfPath(services, request, { text, permission: 'manage_ota' })
        for await (const part of request.parts()) {
          if (part.type === 'field') continue
          const { sha256, sizeBytes } = await blobs.put(part.file, { bytesMax })
          const row = await setScriptFile(catalog, script.id, {
            file_name: part.filename.slice(0, NAME_CHARS_MAX),
            file_sha256: sha256,
            file_size_bytes: sizeBytes,
          })
          const url = `${services.publicUrl(request)}${http.prefix}/ota/script/${text}/file/content/`
          return reply.code(201).send(view(row, url))
        }
        throw RestAnswer.error(400, "missing request.data['file']")
      },
    )
  })
}
