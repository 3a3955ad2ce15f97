/** `/api/v1/device/<slug>/extra/`, `reset/` and `trim/`: how much data a device has, and getting rid of it. */
import { formatDeviceSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import { listDeviceStreams } from '../../../catalog/device-streams.ts'
import { deleteEventsOfStreams } from '../../../catalog/events.ts'
import type { DeviceRow } from '../../../catalog/schema.ts'
import { deleteStreamersOfDevice } from '../../../catalog/streamers.ts'
import { InvalidError } from '../../../errors.ts'
import { rangeOf } from '../../../query/point-lists.ts'
import { auditDelete } from '../audit.ts'
import { readStrictRange } from '../data-range.ts'
import { check, deviceOfPath, targetOfDevice } from '../lookup.ts'
import { deviceNames } from '../names.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { StreamCountsView, streamCounts } from '../stream-counts.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { DeviceView, deviceView } from '../views/device.ts'
import { DevicePath } from './device.ts'
import { refuseBusy } from './device-claims.ts'

const tags = ['device']
const ALL_TIME = rangeOf({})
type TimeRange = typeof ALL_TIME
const { id, slug, project, label, active, created_on, claimed_by, claimed_on } = DeviceView.properties

const DeviceExtraView = Type.Object({
  id,
  slug,
  project,
  label,
  active,
  created_on,
  claimed_by,
  claimed_on,
  stream_counts: StreamCountsView,
})

/** What went. */
const Deleted = { count: Type.Integer({ description: 'Points' }), events: Type.Integer() }

const TrimBody = Type.Object(
  {
    start: Type.Optional(Type.String({ description: 'ISO 8601, inclusive' })),
    end: Type.Optional(Type.String({ description: 'ISO 8601, exclusive' })),
    inside: Type.Optional(
      Type.Boolean({ description: '`true` deletes what is in the range; else what is outside of it' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function deviceDataRoutes(http: RestHttp, services: RestServices): void {
  const { catalog } = services

  http.get(
    '/device/:slug/extra/',
    {
      schema: {
        tags,
        summary: 'Read a device with the numbers of points and events of its streams',
        params: DevicePath,
        response: { 200: DeviceExtraView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      const streams = await listDeviceStreams(catalog, device)
      const shown = deviceView(device, (await deviceNames(services, [device]))(device))
      return { ...shown, stream_counts: await streamCounts(services, streams) }
    },
  )

  http.post(
    '/device/:slug/reset/',
    {
      schema: {
        tags,
        summary: 'Delete all data of a device; its streams and data blocks stay',
        description:
          'Its streamers and their reports go as well, so that a device which numbers its readings from 1 again is ' +
          'heard.',
        params: DevicePath,
        response: { 202: Type.Object({ reset: Type.String(), ...Deleted }) },
      },
    },
    async (request, reply) => {
      const device = await deletableDevice(services, request, request.params.slug)
      const gone = await deleteData(services, device, [ALL_TIME])
      // The last, since a report that comes meanwhile is counted by the streamer as it was.
      await deleteStreamersOfDevice(catalog, device.id)
      await audit(services, request, device, `${textOf(gone)}, which were all`)
      return reply.code(202).send({ reset: 'done', ...gone })
    },
  )

  http.post(
    '/device/:slug/trim/',
    {
      schema: {
        tags,
        summary: 'Delete the data of a device outside of a time range, or inside of it',
        params: DevicePath,
        body: TrimBody,
        response: { 202: Type.Object({ trim: Type.String(), ...Deleted }) },
      },
    },
    async (request, reply) => {
      const { start, end, inside = false } = request.body
      const device = await deletableDevice(services, request, request.params.slug)
      const kept = readRange({ start, end })
      const outside = [
        { fromUs: ALL_TIME.fromUs, toUs: kept.fromUs },
        { fromUs: kept.toUs, toUs: ALL_TIME.toUs },
      ]
      const gone = await deleteData(services, device, inside ? [kept] : outside)
      const range = `${start ?? 'the beginning'} to ${end ?? 'the end'}`
      await audit(services, request, device, `${textOf(gone)} ${inside ? 'inside' : 'outside'} of ${range}`)
      return reply.code(202).send({ trim: 'done', ...gone })
    },
  )
}

async function deletableDevice(
  services: RestServices,
  request: FastifyRequest,
  text: string,
): Promise<DeviceRow> {
  const device = await deviceOfPath(services, request, { text, permission: 'view' })
  await check(services, request, 'delete_data', targetOfDevice(device))
  refuseBusy(device)
  return device
}

/** @throws {InvalidError} no bound at all, one that is no time, or an empty range. */
function readRange(bounds: { start: string | undefined; end: string | undefined }): TimeRange {
  if (!bounds.start && !bounds.end) {
    throw new InvalidError('Give start, end or both; to delete everything, use reset/.')
  }
  const range = rangeOf(readStrictRange(bounds))
  if (range.fromUs >= range.toUs) throw InvalidError.field('end', 'The end has to be after the start.')
  return range
}

/** Of where the device is now; what it measured for an earlier project is not its owner's to delete. */
async function deleteData(
  { catalog, ingest }: RestServices,
  device: DeviceRow,
  ranges: readonly TimeRange[],
): Promise<DeletedCounts> {
  const ids = (await listDeviceStreams(catalog, device)).map((stream) => stream.id)
  let count = 0
  let events = 0
  for (const range of ranges) {
    if (ids.length === 0 || range.fromUs >= range.toUs) continue
    count += await ingest.deletePoints(Uint32Array.from(ids), range)
    events += await deleteEventsOfStreams(catalog, ids, range)
  }
  return { count, events }
}

interface DeletedCounts {
  /** Points. */
  readonly count: number
  readonly events: number
}

function textOf({ count, events }: DeletedCounts): string {
  return `${count} points and ${events} events`
}

function audit(services: RestServices, request: FastifyRequest, device: DeviceRow, detail: string) {
  return auditDelete(services, request, { target: formatDeviceSlug(device.id), detail })
}
