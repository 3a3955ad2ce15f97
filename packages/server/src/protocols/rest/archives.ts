/** Makes and removes archives of devices. */
import { formatDeviceSlug, parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import { requireStaff } from '../../access/permissions.ts'
import { createDataBlock, deleteDataBlock } from '../../catalog/datablocks.ts'
import { countEventsByStream } from '../../catalog/events.ts'
import type { DataBlockRow } from '../../catalog/schema/events.ts'
import type { DeviceRow, StreamRow } from '../../catalog/schema.ts'
import { listStreams, type StreamFilter } from '../../catalog/streams.ts'
import { ForbiddenError, InvalidError, NotFoundError } from '../../errors.ts'
import { auditDelete } from './audit.ts'
import { callerOf } from './caller.ts'
import { check, deviceOfPath, targetOfDevice } from './lookup.ts'
import type { RestServices } from './services.ts'
import { dataBlockSlug } from './views/datablock.ts'

export interface NewArchive {
  /** Slug. */
  readonly device: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** For staff: the archive's own, of the same device. It may then be empty. */
  readonly slug?: string | undefined
}

/** A device has at most as many streams as there are numbers of variables. */
const ALL_STREAMS = { limit: 65_536, offset: 0 }

/**
 * Puts away what a device has measured until now; what comes from now on is the device's again.
 * @throws {InvalidError} no such device, one that belongs to nobody, or one without data.
 * @throws {ForbiddenError} the caller may not, or the device is busy.
 */
export async function archiveDevice(
  services: RestServices,
  request: FastifyRequest,
  { device: text, title, description = '', slug }: NewArchive,
): Promise<DataBlockRow> {
  const device = await deviceOfBody(services, request, text)
  await check(services, request, 'create_archive', targetOfDevice(device))
  const { id, org_id, project_id, sg } = device
  if (org_id === null || project_id === null) {
    throw InvalidError.field('device', 'The device belongs to no project; claim it first.')
  }
  if (device.busy === 1)
    throw new ForbiddenError('Device is busy. Operation cannot be completed at this time')
  if (slug !== undefined) requireStaff(callerOf(request))
  const block = slug === undefined ? undefined : numberOfSlug(slug, id)
  const streams = await streamsOf(services, { projectId: project_id, deviceId: id, block: 0 })
  const streamIds = await withContent(services, streams)
  if (streamIds.length === 0 && block === undefined) {
    throw InvalidError.field('device', 'The device has no data to archive.')
  }
  const row = await createDataBlock(services.catalog, {
    device_id: id,
    org_id,
    project_id,
    title: title ?? usualTitle(device),
    description,
    sg,
    block,
    streamIds,
    created_by: callerOf(request).accountId,
    created_at_us: services.clock.nowUs(),
  })
  // The device's streams have other numbers now.
  services.resolver.forget()
  return row
}

/** Points go first: interrupted in between, an archive with fewer points is left, to be deleted again. */
export async function deleteArchive(
  services: RestServices,
  request: FastifyRequest,
  archive: DataBlockRow,
): Promise<void> {
  const streams = await archivedStreams(services, archive)
  const ids = streams.map(({ id }) => id)
  const count = ids.length === 0 ? 0 : await services.ingest.deletePoints(Uint32Array.from(ids))
  await deleteDataBlock(services.catalog, archive, ids)
  services.resolver.forget()
  await auditDelete(services, request, {
    target: dataBlockSlug(archive),
    detail: `the archive, its ${ids.length} streams and their ${count} points`,
  })
}

export function archivedStreams(services: RestServices, archive: DataBlockRow): Promise<StreamRow[]> {
  return streamsOf(services, { deviceId: archive.device_id, block: archive.block })
}

async function streamsOf({ catalog }: RestServices, filter: StreamFilter): Promise<StreamRow[]> {
  return (await listStreams(catalog, { sight: {}, filter }, ALL_STREAMS)).rows
}

/** Numbers of those streams that have points or events, hidden ones too. */
async function withContent(
  { catalog, points }: RestServices,
  streams: readonly StreamRow[],
): Promise<number[]> {
  const ids = streams.map(({ id }) => id)
  const pointCounts = await points.countEach(ids)
  const eventCounts = await countEventsByStream(catalog, ids, { withErrors: true })
  return ids.filter((id, i) => pointCounts[i] > 0 || eventCounts.has(id))
}

/** Nobody is told of devices of others. */
async function deviceOfBody(
  services: RestServices,
  request: FastifyRequest,
  text: string,
): Promise<DeviceRow> {
  try {
    if (parseSlug(text)?.kind === 'device') {
      return await deviceOfPath(services, request, { text, permission: 'view' })
    }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
  }
  throw InvalidError.field('device', `There is no device "${text}".`)
}

function numberOfSlug(text: string, deviceId: number): number {
  const slug = parseSlug(text)
  if (slug?.kind === 'block' && slug.device === deviceId && slug.block > 0) return slug.block
  throw InvalidError.field('slug', `"${text}" is no slug of a data block of this device.`)
}

function usualTitle({ id, label }: DeviceRow): string {
  const slug = formatDeviceSlug(id)
  return `Archive: ${label || slug} (${slug.slice(-4)})`
}
