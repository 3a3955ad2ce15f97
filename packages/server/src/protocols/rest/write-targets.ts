/** Streams that points and events are written to by their slugs. */
import { formatStreamSlug, parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import { hasPermission } from '../../access/permissions.ts'
import { findDevice } from '../../catalog/devices.ts'
import { findProject } from '../../catalog/projects.ts'
import type { StreamRow } from '../../catalog/schema.ts'
import { findOrCreateStream, findStreamBySlug } from '../../catalog/streams.ts'
import { ForbiddenError, InvalidError } from '../../errors.ts'
import { parseIsoUs } from '../../model/time.ts'
import { callerOf } from './caller.ts'
import { type ChainedStream, withChains } from './data-access.ts'
import type { RestServices } from './services.ts'

/** Streams that a request writes to, each looked up and checked once. */
export class WriteTargets {
  #services: RestServices
  #request: FastifyRequest
  #found = new Map<string, Promise<ChainedStream>>()

  constructor(services: RestServices, request: FastifyRequest) {
    this.#services = services
    this.#request = request
  }

  /** @throws {InvalidError} no such stream, or a disabled one. @throws {ForbiddenError} not the caller's. */
  find(text: unknown): Promise<ChainedStream> {
    const slug = typeof text === 'string' ? parseSlug(text) : undefined
    if (slug?.kind !== 'stream') {
      const reason = text === undefined ? 'This field is required.' : 'This is no stream slug.'
      throw InvalidError.field('stream', reason)
    }
    const full = formatStreamSlug(slug)
    const known = this.#found.get(full)
    if (known) return known
    const target = this.#target(full, { project: slug.project, device: slug.device, lid: slug.lid })
    this.#found.set(full, target)
    return target
  }

  async #target(slug: string, key: { project: number; device: number; lid: number }): Promise<ChainedStream> {
    const { catalog } = this.#services
    const existing = await findStreamBySlug(catalog, slug)
    await this.#requireWrite(existing?.project_id ?? key.project, existing?.device_id ?? key.device)
    const stream = existing ?? (await this.#newStream(key))
    if (stream.enabled === 0)
      throw InvalidError.field('stream', `Stream ${slug} is disabled and takes no data.`)
    const [target] = await withChains(this.#services, [stream])
    return target
  }

  async #requireWrite(projectId: number, deviceId: number): Promise<void> {
    const { catalog, memberships } = this.#services
    const project = await findProject(catalog, projectId)
    if (!project) throw InvalidError.field('stream', 'There is no such project.')
    const target = { orgId: project.org_id, projectId, ...(deviceId === 0 ? {} : { deviceId }) }
    const isAllowed = await hasPermission(memberships, callerOf(this.#request), 'write_data', target)
    if (!isAllowed) throw new ForbiddenError()
  }

  /** A device of the project may send under any variable number; the stream gets a record when somebody makes one. */
  async #newStream({
    project,
    device,
    lid,
  }: {
    project: number
    device: number
    lid: number
  }): Promise<StreamRow> {
    const { catalog, clock } = this.#services
    const row = await findDevice(catalog, device)
    if (row?.project_id !== project)
      throw InvalidError.field('stream', 'There is no such device in the project.')
    return findOrCreateStream(catalog, {
      project_id: project,
      device_id: device,
      variable_lid: lid,
      is_registered: 0,
      created_by: callerOf(this.#request).accountId,
      created_at_us: clock.nowUs(),
    })
  }
}

/** @throws {InvalidError} a time that is missing or no ISO 8601. */
export function readTime(timestamp: unknown): number {
  if (timestamp === undefined) throw InvalidError.field('timestamp', 'This field is required.')
  const timeUs = typeof timestamp === 'string' ? parseIsoUs(timestamp) : undefined
  if (timeUs === undefined) {
    throw InvalidError.field(
      'timestamp',
      'Datetime has wrong format; use ISO 8601, such as 2026-01-31T12:00:00Z.',
    )
  }
  return timeUs
}
