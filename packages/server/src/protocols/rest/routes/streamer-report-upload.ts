/** `POST /api/v1/streamer/report/`: a report as a phone or gateway got it from a device. */
import multipart, { type MultipartFile } from '@fastify/multipart'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireScope } from '../../../access/permissions.ts'
import { findDevice } from '../../../catalog/devices.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { HeldBytes } from '../../../http/held-bytes.ts'
import type { DeviceReport, ReportedEvent } from '../../../ingest/reports/device-report.ts'
import type { KeptEvent } from '../../../ingest/reports/plan-events.ts'
import { parseIsoUs, US_PER_HOUR, US_PER_S } from '../../../model/time.ts'
import { callerOf } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import { keepValue } from '../event-documents.ts'
import { readExtra } from '../event-writes.ts'
import { check, targetOfDevice } from '../lookup.ts'
import { reportReader } from '../report-file.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'

/** Devices send 192 KiB at most. */
const REPORT_BYTES_MAX = 1024 * 1024
/** Reports that are read into memory at a time. */
const UPLOADS_MAX = 64
/** Each is a file of its own. */
const DOCUMENTS_MAX = 1_000
const FIELD_BYTES_MAX = 4_096
const FIELDS_MAX = 10

const MEDIA_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/
const FILE_NAME_CHARS_MAX = 250

export function streamerReportUploadRoutes(http: RestHttp, services: RestServices): void {
  const { reports, blobs } = services
  const held = new HeldBytes(UPLOADS_MAX * REPORT_BYTES_MAX)

  void http.register(async (scope) => {
    await scope.register(multipart, {
      limits: { fileSize: REPORT_BYTES_MAX, files: 1, fields: FIELDS_MAX, fieldSize: FIELD_BYTES_MAX },
      throwFileSizeLimit: true,
    })
    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/streamer/report/',
      {
        schema: {
          tags: ['streamer'],
          summary: 'Upload a report of a device',
          description:
            'A form with the part `file`, whose name ends in `.bin` or nothing (binary), `.mp` (msgpack) or ' +
            '`.json`, of 1 MiB at most. What was uploaded before is not stored again. The answer comes when the ' +
            'points can be read, and says how many readings and events the report has.',
          consumes: ['multipart/form-data'],
          querystring: Type.Object({
            timestamp: Type.Optional(
              Type.String({ description: 'When the report came from the device, ISO 8601, UTC; required' }),
            ),
          }),
          response: { 201: Type.Object({ count: Type.Integer() }) },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        requireScope(caller, 'write')
        const receivedUs = readTimestamp(request.query.timestamp)
        held.take(REPORT_BYTES_MAX, REPORT_BYTES_MAX)
        try {
          const { bytes, name, mediaType } = await readFile(request)
          const report = reportReader(name)(bytes, caller.username)
          await requireUpload(services, request, report)
          noteFuture(services, request, { report, receivedUs })
          const { sha256, sizeBytes } = await blobs.put(chunksOf(bytes), { bytesMax: REPORT_BYTES_MAX })
          const file = { sha256, sizeBytes, name, mediaType }
          const events = await keepEvents(services, report.events)
          await reports.receive({ report, events, receivedUs, accountId: caller.accountId, file })
          return reply.code(201).send({ count: report.readings.length + report.events.length })
        } finally {
          held.give(REPORT_BYTES_MAX)
        }
      },
    )
  })
}

/** @throws {RestAnswer} there is none, or it is no time. */
function readTimestamp(text: string | undefined): number {
  if (!text) throw RestAnswer.error(400, 'missing timestamp argument')
  const timeUs = parseIsoUs(text)
  if (timeUs !== undefined) return timeUs
  throw new RestAnswer(400, ['Upload function requires a ?timestamp=str argument in UTC format'])
}

interface UploadedFile {
  readonly bytes: Buffer
  readonly name: string
  readonly mediaType: string
}

/** @throws {RestAnswer} the request has no file. @throws a Fastify error of status 413 for one that is too large. */
async function readFile(request: FastifyRequest): Promise<UploadedFile> {
  const part = request.isMultipart() ? await filePart(request) : undefined
  if (!part) throw RestAnswer.error(400, "missing request.data['file']")
  const bytes = await part.toBuffer()
  return {
    bytes,
    name: part.filename.slice(-FILE_NAME_CHARS_MAX),
    mediaType: MEDIA_TYPE.test(part.mimetype) ? part.mimetype : 'application/octet-stream',
  }
}

async function filePart(request: FastifyRequest): Promise<MultipartFile | undefined> {
  for await (const part of request.parts()) {
    if (part.type !== 'file') continue
    if (part.fieldname === 'file') return part
    part.file.resume()
  }
  return undefined
}

/** @throws {NotFoundError} no such device, or one of an organisation that is not the caller's. */
async function requireUpload(
  services: RestServices,
  request: FastifyRequest,
  { device: id }: DeviceReport,
): Promise<void> {
  const device = await findDevice(services.catalog, id)
  if (!device) throw new NotFoundError()
  // Nobody's device is nobody's secret: that it has to be claimed is what its owner has to know.
  if (device.project_id !== null) await check(services, request, 'write_data', targetOfDevice(device))
}

/** @throws {InvalidError} the object of one is too long, or there are more documents than a report may bring. */
async function keepEvents(services: RestServices, events: readonly ReportedEvent[]): Promise<KeptEvent[]> {
  const withDocuments = events.filter(({ data }) => data !== null).length
  if (withDocuments > DOCUMENTS_MAX) {
    throw new InvalidError(
      `A report may bring ${DOCUMENTS_MAX} documents of events at most, not ${withDocuments}`,
    )
  }
  const kept: KeptEvent[] = []
  for (const event of events) {
    readExtra(services, event.extraData)
    const document = event.data === null ? undefined : await keepValue(services, event.data)
    kept.push({ ...event, document })
  }
  return kept
}

/** Phones have wrong clocks; what they bring is taken all the same. */
function noteFuture(
  { clock }: RestServices,
  request: FastifyRequest,
  { report, receivedUs }: { report: DeviceReport; receivedUs: number },
): void {
  const aheadUs = receivedUs - report.sentS * US_PER_S - clock.nowUs()
  if (aheadUs <= US_PER_HOUR) return
  const aheadS = Math.round(aheadUs / US_PER_S)
  request.log.warn({ device: report.device, aheadS }, 'a report says that its device starts in the future')
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
