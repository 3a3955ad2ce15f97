/** `/api/v1/event/upload/`: an event whose document is a file. */
import multipart from '@fastify/multipart'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { InvalidError } from '../../../errors.ts'
import { HeldBytes } from '../../../http/held-bytes.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { RestAnswer } from '../errors.ts'
import { extOf, keepFile } from '../event-documents.ts'
import { writeEvent } from '../event-writes.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { Nullable } from '../views/nullable.ts'

/** Of the largest documents, as they came and unpacked, so many may be in memory at a time. */
const UPLOADS_HELD_MAX = 8
/** What gzip can pack into a byte. */
const GZIP_RATIO_MAX = 1_032
const FIELDS_MAX = 20

interface Upload {
  readonly fields: Readonly<Record<string, string>>
  readonly file: { readonly name: string; readonly bytes: Buffer } | undefined
}

export function eventUploadRoutes(http: RestHttp, services: RestServices): void {
  const { eventBytesMax, textBytesMax } = services.config.limits
  const held = new HeldBytes(UPLOADS_HELD_MAX * eventBytesMax)

  void http.register(async (scope) => {
    await scope.register(multipart, {
      limits: { fileSize: eventBytesMax, files: 1, fields: FIELDS_MAX, fieldSize: textBytesMax },
    })
    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/event/upload/',
      {
        schema: {
          tags: ['event'],
          summary: 'Write an event whose document is a file',
          description:
            'A form with the file `file`, named `….json` or `….json.gz`, and the fields `stream`, `timestamp`, ' +
            'and if need be `encoded_extra_data` (an object as JSON), `streamer_local_id` and `device_timestamp`.',
          consumes: ['multipart/form-data'],
          response: {
            201: Type.Object({
              id: Type.Integer(),
              stream: Type.String(),
              device_timestamp: Nullable(Type.Integer()),
              timestamp: Type.String(),
              streamer_local_id: Type.Integer(),
              encoded_extra_data: Nullable(Type.String()),
            }),
          },
        },
      },
      async (request, reply) => {
        let heldBytes = 0
        const hold = (bytes: number) => {
          const counted = Math.min(bytes, eventBytesMax)
          held.take(counted, heldBytes + counted)
          heldBytes += counted
        }
        try {
          hold(Number(request.headers['content-length'] ?? eventBytesMax))
          const { fields, file } = await readForm(request)
          if (!file) throw RestAnswer.error(400, "missing request.data['file']")
          if (extOf(file.name) === 'json.gz') hold(file.bytes.length * GZIP_RATIO_MAX)
          const { encoded_extra_data: encoded, ...item } = fields
          const extra_data = encoded ? readEncoded(encoded) : {}
          const { row, stream } = await writeEvent(services, request, { ...item, extra_data }, () =>
            keepFile(services, file),
          )
          return reply.code(201).send({
            id: row.id,
            stream: stream.slug,
            device_timestamp: row.device_timestamp,
            timestamp: formatIsoUs(row.time_us),
            streamer_local_id: row.streamer_local_id,
            encoded_extra_data: encoded ?? null,
          })
        } finally {
          held.give(heldBytes)
        }
      },
    )
  })
}

/** A form in any order; another body has no file. */
async function readForm(request: FastifyRequest): Promise<Upload> {
  if (!request.isMultipart()) return { fields: {}, file: undefined }
  const fields: Record<string, string> = {}
  let file: Upload['file']
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      if (part.valueTruncated) throw InvalidError.field(part.fieldname, 'The value is too long.')
      fields[part.fieldname] = String(part.value)
    } else {
      const bytes = await part.toBuffer()
      if (part.fieldname === 'file') file = { name: part.filename, bytes }
    }
  }
  return { fields, file }
}

/** @throws {InvalidError} not the JSON of an object. */
function readEncoded(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // What is no JSON is answered like what is no object.
  }
  throw InvalidError.field('encoded_extra_data', 'Give the JSON of an object.')
}
