/**
 * Files on their way into a generated report: `uploadurl/` announces one and gives the form to send it with,
 * `report/upload/` takes that form from anybody who has it, `uploadsuccess/` makes the file part of the report.
 */
import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import type { BlobStore } from '../../../blobs/blob-store.ts'
import { announceFile, findReportFile, setFileContent } from '../../../catalog/generated-report-files.ts'
import { updateReport } from '../../../catalog/generated-reports.ts'
import type { CatalogDb } from '../../../catalog/schema.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import { reportFileViews } from '../generated-report-names.ts'
import { ACLS, CONTENT_TYPES, checkFileName, contentTypeOf } from '../report-content.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { UploadForms } from '../upload-forms.ts'
import { ReportFileView } from '../views/generated-report.ts'
import { ReportPath, reportOfPath } from './generated-report.ts'
import { drained } from './import-events.ts'

const tags = ['report']
const FileName = Type.String({ description: 'Of the file, such as `index.html` or `images/plot.png`' })
const FIELDS_MAX = 10
const FIELD_BYTES_MAX = 4_096

export function generatedReportUploadRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock, config, publicUrl } = services
  const forms = new UploadForms(services)

  http.post(
    '/report/generated/:id/uploadurl/',
    {
      schema: {
        tags,
        summary: 'Announce a file of a report, and get the form to send it with',
        description:
          'Send all `fields` and then the file, as `file`, in a multipart form to `url`, within an hour and ' +
          'without credentials.',
        params: ReportPath,
        body: Type.Object(
          {
            name: FileName,
            acl: Type.Optional(Type.Enum(ACLS, { description: '`private` is the default' })),
            content_type: Type.Optional(
              Type.Enum(CONTENT_TYPES, { description: 'By default what the name ends in' }),
            ),
          },
          UNKNOWN_FIELDS_IGNORED,
        ),
        response: {
          202: Type.Object({
            url: Type.String(),
            fields: Type.Record(Type.String(), Type.String()),
            uuid: Type.String({ description: 'Id of the file' }),
          }),
        },
      },
    },
    async (request, reply) => {
      const report = await reportOfPath(services, request, { ...request.params, permission: 'create_report' })
      const name = checkFileName(request.body.name)
      const { acl = 'private', content_type: contentType = contentTypeOf(name) } = request.body
      const file = await announceFile(catalog, {
        report_id: report.id,
        name,
        acl,
        content_type: contentType,
        created_at_us: clock.nowUs(),
        created_by: callerOf(request).accountId,
      })
      const bytesMax = config.limits.reportFileBytesMax
      const key = `${report.id}/${name}`
      const fields = await forms.sign({ fileId: file.id, key, acl, contentType, bytesMax })
      return reply
        .code(202)
        .send({ url: `${publicUrl(request)}/api/v1/report/upload/`, fields, uuid: file.id })
    },
  )

  http.post(
    '/report/generated/:id/uploadsuccess/',
    {
      schema: {
        tags,
        summary:
          'Say that a file was sent: the report is done, and begins with its first file or `index.html`',
        params: ReportPath,
        body: Type.Object({ name: FileName }, UNKNOWN_FIELDS_IGNORED),
        response: { 202: ReportFileView },
      },
    },
    async (request, reply) => {
      const report = await reportOfPath(services, request, { ...request.params, permission: 'create_report' })
      const file = await findReportFile(catalog, { reportId: report.id, name: request.body.name.normalize() })
      if (!file) throw new NotFoundError()
      if (file.sha256 === null) throw RestAnswer.error(400, 'The file has not been uploaded yet.')
      const isIndex = report.index_file_id === null || file.name === 'index.html'
      await updateReport(catalog, report.id, {
        status: 'G1',
        ...(isIndex ? { index_file_id: file.id } : {}),
      })
      const [view] = await reportFileViews(services, request, [file])
      return reply.code(202).send(view)
    },
  )
}

/** Whoever has the fields of a form may send it; so may a program that got them from one with credentials. */
export function publicReportUploadRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, blobs, config } = services
  const forms = new UploadForms(services)

  void http.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    await scope.register(multipart, {
      limits: {
        // The store refuses what is too large, in words.
        fileSize: config.limits.reportFileBytesMax + 1,
        files: 1,
        fields: FIELDS_MAX,
        fieldSize: FIELD_BYTES_MAX,
      },
    })
    scope.post(
      '/report/upload/',
      {
        schema: {
          tags,
          summary: 'Send the file that `uploadurl/` gave the form for',
          consumes: ['multipart/form-data'],
          security: [],
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        try {
          await takeForm({ catalog, blobs, forms }, request)
        } catch (error) {
          await drained(request)
          throw error
        }
        return reply.code(204).send(null)
      },
    )
  })
}

/**
 * @throws {ForbiddenError} the fields before the file are not as they were handed out, or too old.
 * @throws {NotFoundError} the report was deleted in the meantime.
 */
async function takeForm(
  { catalog, blobs, forms }: { catalog: CatalogDb; blobs: BlobStore; forms: UploadForms },
  request: FastifyRequest,
): Promise<void> {
  const fields: Record<string, string> = {}
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      fields[part.fieldname] = String(part.value)
      continue
    }
    const { fileId, acl, contentType, bytesMax } = await forms.verify(fields)
    const { sha256, sizeBytes } = await blobs.put(part.file, { bytesMax })
    const content = { acl, content_type: contentType, sha256, size_bytes: sizeBytes }
    if (!(await setFileContent(catalog, fileId, content))) throw new NotFoundError()
    return
  }
  throw InvalidError.field('file', 'The form has no file.')
}
