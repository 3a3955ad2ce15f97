/** Points as `POST data/` brings them: each names its stream and carries a raw or an internal value. */
import { formatStreamSlug, parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import { hasPermission } from '../../access/permissions.ts'
import { findDevice } from '../../catalog/devices.ts'
import { findProject } from '../../catalog/projects.ts'
import type { StreamRow } from '../../catalog/schema.ts'
import { findOrCreateStream, findStreamBySlug } from '../../catalog/streams.ts'
import { AppError, ForbiddenError, InvalidError } from '../../errors.ts'
import { PointBatchBuilder, type PointValue } from '../../model/point-batch.ts'
import { parseIsoUs } from '../../model/time.ts'
import { internalOf } from '../../model/value-chain.ts'
import { callerOf } from './caller.ts'
import { type ChainedStream, withChains } from './data-access.ts'
import type { RestServices } from './services.ts'
import type { Point } from './views/point.ts'

/** One item of the body, as it came. */
export interface WrittenPoint {
  readonly stream?: unknown
  readonly timestamp?: unknown
  readonly type?: unknown
  readonly int_value?: unknown
  readonly value?: unknown
}

export interface WriteRejection {
  /** Position in the list, from 0. */
  readonly row: number
  readonly reason: string
  readonly error: AppError
}

export interface WriteOutcome {
  readonly stored: readonly (Point & { readonly target: ChainedStream })[]
  readonly rejected: readonly WriteRejection[]
}

/**
 * Stores what is good of a list and says what is wrong with the rest.
 * @throws {OverloadedError} and the like: the store takes nothing now, and nothing was stored.
 */
export async function writePoints(
  services: RestServices,
  request: FastifyRequest,
  items: readonly WrittenPoint[],
): Promise<WriteOutcome> {
  const targets = new TargetFinder(services, request)
  const stored: (Point & { target: ChainedStream })[] = []
  const rejected: WriteRejection[] = []
  const batch = new PointBatchBuilder(items.length)
  for (const [row, item] of items.entries()) {
    try {
      const target = await targets.find(item.stream)
      const timeUs = readTime(item.timestamp)
      const value = readValue(item, target)
      batch.add(target.stream.id, timeUs, value)
      stored.push({ target, timeUs, value })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      rejected.push({ row, reason: error.message, error })
    }
  }
  const result = await services.ingest.write(batch.take())
  if (result.rejectedCount === 0) return { stored, rejected }
  // The last checks are those of the ingest service, which counts rows among those that were handed on.
  const late = result.rejected.map(({ row, reason }) => ({ row, reason, error: new InvalidError(reason) }))
  const lateRows = new Set(late.map(({ row }) => row))
  return { stored: stored.filter((_, row) => !lateRows.has(row)), rejected: [...rejected, ...late] }
}

/** Streams that a request writes to, each looked up and checked once. */
class TargetFinder {
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

function readTime(timestamp: unknown): number {
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

/** Exactly one of `int_value`, a raw one, and `value`, an internal one or a text. */
function readValue(item: WrittenPoint, { chain }: ChainedStream): PointValue {
  const { type, int_value: raw, value } = item
  const hasRaw = raw !== undefined && raw !== null
  const hasValue = value !== undefined && value !== null
  if (hasRaw === hasValue) throw new InvalidError('Give either int_value or value.')
  if (hasRaw) {
    if (type !== undefined && type !== 'Num')
      throw InvalidError.field('type', 'int_value goes with type Num.')
    if (!Number.isSafeInteger(raw)) throw InvalidError.field('int_value', 'A valid integer is required.')
    return internalOf(chain, raw as number)
  }
  if (typeof value === 'string') return value
  if (type !== undefined && type !== 'ITR') throw InvalidError.field('type', 'value goes with type ITR.')
  if (typeof value !== 'number') throw InvalidError.field('value', 'A valid number is required.')
  return value
}
