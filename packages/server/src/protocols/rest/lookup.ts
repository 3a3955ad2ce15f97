/** Finds what an address names, and makes sure that the caller may do with it what the route does. */
import { formatStreamSlug, parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import { type PermissionTarget, requirePermission } from '../../access/permissions.ts'
import type { Permission } from '../../access/roles.ts'
import { findDataBlock } from '../../catalog/datablocks.ts'
import { findDevice } from '../../catalog/devices.ts'
import { findFleet } from '../../catalog/fleets.ts'
import { findOrgBySlug } from '../../catalog/orgs.ts'
import { findProject, findProjectByReference, isProjectReference } from '../../catalog/projects.ts'
import type { DataBlockRow } from '../../catalog/schema/events.ts'
import type { FleetRow } from '../../catalog/schema/fleets.ts'
import type { StreamerRow } from '../../catalog/schema/reports.ts'
import type { DeviceRow, OrgRow, ProjectRow, StreamRow, VariableRow } from '../../catalog/schema.ts'
import { findStreamer } from '../../catalog/streamers.ts'
import { findStreamBySlug } from '../../catalog/streams.ts'
import { findVariable } from '../../catalog/variables.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { callerOf } from './caller.ts'
import { RestAnswer } from './errors.ts'
import type { RestServices } from './services.ts'

/** @throws {NotFoundError} no such organisation, or none that the caller may know of. */
export async function orgOfPath(
  services: RestServices,
  request: FastifyRequest,
  { slug, permission }: { slug: string; permission: Permission },
): Promise<OrgRow> {
  const org = await findOrgBySlug(services.catalog, slug)
  if (!org) throw new NotFoundError()
  await check(services, request, permission, { orgId: org.id })
  return org
}

/** An organisation that a body names. @throws {InvalidError} none that the caller may know of. */
export async function orgOfBody(
  services: RestServices,
  request: FastifyRequest,
  wanted: { slug: string; permission: Permission },
): Promise<OrgRow> {
  try {
    return await orgOfPath(services, request, wanted)
  } catch (error) {
    throw error instanceof NotFoundError ? InvalidError.field('org', 'There is no such organization.') : error
  }
}

/** A project by UUID or slug; undefined when there is none. @throws {RestAnswer} the text is neither. */
export async function projectByText(services: RestServices, text: string): Promise<ProjectRow | undefined> {
  if (isProjectReference(text)) return findProjectByReference(services.catalog, text)
  throw new RestAnswer(400, ['Project ID must be a UUID'])
}

/** @throws {NotFoundError} no such project, or none that the caller may know of. */
export async function projectOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: { text: string; permission: Permission },
): Promise<ProjectRow> {
  const project = await projectByText(services, text)
  if (!project) throw new NotFoundError()
  await check(services, request, permission, { orgId: project.org_id, projectId: project.id })
  return project
}

/** A device, also by the slug of a block of its. @throws {NotFoundError} none that the caller may know of. */
export async function deviceOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: { text: string; permission: Permission },
): Promise<DeviceRow> {
  const slug = parseSlug(text)
  const id = slug?.kind === 'device' || slug?.kind === 'block' ? slug.device : undefined
  const device = id === undefined ? undefined : await findDevice(services.catalog, id)
  if (!device) throw new NotFoundError()
  await check(services, request, permission, targetOfDevice(device))
  return device
}

/** @throws {NotFoundError} no such archive, or none that the caller may know of. */
export async function dataBlockOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: { text: string; permission: Permission },
): Promise<DataBlockRow> {
  const slug = parseSlug(text)
  const row = slug?.kind === 'block' ? await findDataBlock(services.catalog, slug) : undefined
  if (!row) throw new NotFoundError()
  const { org_id: orgId, project_id: projectId, device_id: deviceId } = row
  await check(services, request, permission, { orgId, projectId, deviceId })
  return row
}

/** The number in the slug of a device, of a body or filter. @throws {InvalidError} no device slug. */
export function deviceNumber(field: string, text: string): number {
  const slug = parseSlug(text)
  if (slug?.kind === 'device' || slug?.kind === 'block') return slug.device
  throw InvalidError.field(field, `"${text}" is no device slug.`)
}

/** The number in the slug of a fleet, of a filter. @throws {InvalidError} no fleet slug. */
export function fleetNumber(field: string, text: string): number {
  const slug = parseSlug(text)
  if (slug?.kind === 'fleet') return slug.fleet
  throw InvalidError.field(field, `"${text}" is no fleet slug.`)
}

/** @throws {NotFoundError} no such fleet, or none that the caller may know of. */
export async function fleetOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: { text: string; permission: Permission },
): Promise<FleetRow> {
  const slug = parseSlug(text)
  const fleet = slug?.kind === 'fleet' ? await findFleet(services.catalog, slug.fleet) : undefined
  if (!fleet) throw new NotFoundError()
  await check(services, request, permission, { orgId: fleet.org_id })
  return fleet
}

export function targetOfDevice(device: DeviceRow): PermissionTarget {
  return {
    orgId: device.org_id,
    ...(device.project_id === null ? {} : { projectId: device.project_id }),
    deviceId: device.id,
  }
}

/** @throws {NotFoundError} none that the caller may know of. */
export async function streamerOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: { text: string; permission: Permission },
): Promise<StreamerRow> {
  const slug = parseSlug(text)
  if (slug?.kind !== 'streamer') throw new NotFoundError()
  const { device: id, index } = slug
  const streamer = await findStreamer(services.catalog, { device_id: id, streamer_index: index })
  const device = streamer && (await findDevice(services.catalog, id))
  if (!device) throw new NotFoundError()
  await check(services, request, permission, targetOfDevice(device))
  return streamer
}

/** @throws {NotFoundError} none that the caller may know of. */
export async function variableOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: { text: string; permission: Permission },
): Promise<{ variable: VariableRow; project: ProjectRow }> {
  const slug = parseSlug(text)
  if (slug?.kind !== 'variable') throw new NotFoundError()
  const project = await findProject(services.catalog, slug.project)
  const variable = await findVariable(services.catalog, { projectId: slug.project, lid: slug.lid })
  if (!project || !variable) throw new NotFoundError()
  await check(services, request, permission, { orgId: project.org_id, projectId: project.id })
  return { variable, project }
}

/** A stream that has a record. @throws {NotFoundError} none that the caller may know of. */
export async function streamOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: { text: string; permission: Permission },
): Promise<{ stream: StreamRow; project: ProjectRow }> {
  const slug = parseSlug(text)
  if (slug?.kind !== 'stream') throw new NotFoundError()
  const stream = await findStreamBySlug(services.catalog, formatStreamSlug(slug))
  if (!stream || stream.is_registered === 0) throw new NotFoundError()
  const project = await findProject(services.catalog, stream.project_id)
  if (!project) throw new NotFoundError()
  await check(services, request, permission, {
    orgId: project.org_id,
    projectId: project.id,
    ...(stream.device_id === 0 ? {} : { deviceId: stream.device_id }),
  })
  return { stream, project }
}

export function check(
  services: RestServices,
  request: FastifyRequest,
  permission: Permission,
  target: PermissionTarget,
): Promise<void> {
  return requirePermission(services.memberships, callerOf(request), permission, target)
}
