/**
 * What a query is answered with, whichever way it comes in: through Fastify or through the front door. Dashboards
 * and programs ask for single series a thousand times a second, so that what surrounds the answer counts.
 */
import type { FastifyBaseLogger } from 'fastify'
import type { Authenticator } from '../../access/authenticator.ts'
import type { Caller } from '../../access/caller.ts'
import type { Memberships } from '../../access/memberships.ts'
import { InvalidError, UnauthenticatedError } from '../../errors.ts'
import type { Answer } from '../../http/answer.ts'
import type { FrontDoor } from '../../http/front-door.ts'
import { HeldBytes } from '../../http/held-bytes.ts'
import type { HotHead, OpenRequest } from '../../http/hot-route.ts'
import type { Clock } from '../../model/clock.ts'
import { US_PER_S } from '../../model/time.ts'
import { ANSWER_FORMATS, parseFormat, renderAnswer, wholeOrBlocks } from '../../query/answer-format.ts'
import { parseQuery } from '../../query/query-request.ts'
import type { QueryService } from '../../query/query-service.ts'
import type { StreamSelector } from '../../query/stream-selector.ts'
import { streamsReadableBy } from './data-access.ts'
import { failureAnswer } from './errors.ts'
import { requireKeyReach } from './key-reach.ts'

export interface QueryRequestServices {
  readonly clock: Clock
  readonly authenticator: Authenticator
  readonly memberships: Memberships
  readonly selector: StreamSelector
  readonly query: QueryService
}

/** Texts of a query string. */
export type QueryTexts = HotHead['query']

/** A credential that expires is let in for so much longer at most. */
const CURRENT_US = US_PER_S

/** @throws {InvalidError} the query makes no sense. */
export async function answerQuery(
  services: QueryRequestServices,
  caller: Caller,
  { filter, project, device, variable, format, staff, ...asked }: QueryTexts,
): Promise<Answer> {
  if (!filter && !project && !device && !variable) {
    throw new InvalidError('Say which streams: give `filter`, or `project`, `device` or `variable`.')
  }
  const name = parseFormat(format)
  const query = parseQuery(asked, services.clock.nowUs())
  const selection = { filter, project, device, variable }
  const streams = await streamsReadableBy(services, caller, { selection, asStaff: staff === '1' })
  const answer = await services.query.run(query, streams)
  const body = await wholeOrBlocks(renderAnswer(answer, name))
  return { status: 200, headers: { 'content-type': ANSWER_FORMATS[name].contentType }, body }
}

/** The same at the front door, without a body; `path` is exact. */
export function hotQueryRoute(
  door: FrontDoor,
  services: QueryRequestServices,
  { path, log }: { path: string; log: Pick<FastifyBaseLogger, 'error'> },
): void {
  door.register({
    path,
    methods: ['GET'],
    bodyBytesMax: 0,
    held: new HeldBytes(0),
    open: (head) => openQuery(services, head),
    failed: (error) => failureAnswer(error, log),
  })
}

async function openQuery(services: QueryRequestServices, head: HotHead): Promise<OpenRequest> {
  const { clock, authenticator, memberships } = services
  const epochOf = () => authenticator.epoch + memberships.epoch
  const openedUs = clock.nowUs()
  const epoch = epochOf()
  const caller = await authenticator.byAuthorizationHeader(head.authorization, head.address, {
    withKeys: true,
  })
  if (!caller) throw new UnauthenticatedError('Authentication credentials were not provided.')
  requireKeyReach(caller, { method: 'GET', path: '/api/v1/query/' })
  return {
    isCurrent: () => epoch === epochOf() && clock.nowUs() - openedUs < CURRENT_US,
    take: () => answerQuery(services, caller, head.query),
  }
}
