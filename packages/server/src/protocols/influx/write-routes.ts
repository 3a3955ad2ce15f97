/** `/write` and `/api/v2/write`: lines in, 204 out once they are stored. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../model/clock.ts'
import { callerOf } from './credentials.ts'
import { PartialWriteError } from './errors.ts'
import type { LineWriter } from './line-writer.ts'
import { parsePrecision } from './precision.ts'
import type { RequestBodies } from './request-body.ts'
import type { WantedTarget, WriteTargets } from './write-target.ts'

export interface WriteDoor {
  readonly clock: Clock
  readonly bodies: RequestBodies
  readonly targets: WriteTargets
  readonly writer: LineWriter
}

type Parameters = Readonly<Record<string, string | undefined>>

/** Retention policies are no concern here: points are kept until they are deleted. */
export function writeRoutesOfVersion1(http: FastifyInstance, door: WriteDoor): void {
  http.post('/write', (request, reply) => {
    const { db } = request.query as Parameters
    return write(door, request, reply, { bucket: db })
  })
}

export function writeRoutesOfVersion2(http: FastifyInstance, door: WriteDoor): void {
  http.post('/write', (request, reply) => {
    const { org, orgID, bucket } = request.query as Parameters
    return write(door, request, reply, { org: org || orgID, bucket })
  })
}

async function write(
  { clock, bodies, targets, writer }: WriteDoor,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: WantedTarget,
): Promise<FastifyReply> {
  const { precision } = request.query as Parameters
  const options = { precision: parsePrecision(precision), nowUs: clock.nowUs() }
  const target = await targets.find(callerOf(request), wanted)
  const outcome = await bodies.use(request, (body) => writer.write(body, target, options))
  if (outcome.rejectedCount > 0) throw new PartialWriteError(outcome)
  if (outcome.roundedCount > 0) reply.header('x-sonde-rounded', String(outcome.roundedCount))
  return reply.code(204).send()
}
