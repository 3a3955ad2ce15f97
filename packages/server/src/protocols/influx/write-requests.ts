/**
 * What a write is answered with, whichever way it comes in: through Fastify or through the front door. Its head
 * says who writes and where to; what was found out of that holds for a moment, because the next write of the
 * same client has the same head.
 */
import type { FastifyBaseLogger } from 'fastify'
import type { Authenticator } from '../../access/authenticator.ts'
import type { Memberships } from '../../access/memberships.ts'
import type { Answer } from '../../http/answer.ts'
import type { HotHead, OpenRequest } from '../../http/hot-route.ts'
import type { Clock } from '../../model/clock.ts'
import { US_PER_S } from '../../model/time.ts'
import type { CredentialsOfRequest, InfluxCredentials } from './credentials.ts'
import { failureAnswer, type InfluxVersion, PartialWriteError } from './errors.ts'
import { INFLUX_HEADERS } from './headers.ts'
import type { LineOutcome, LineWriter } from './line-writer.ts'
import { parsePrecision } from './precision.ts'
import type { WantedTarget, WriteTargets } from './write-target.ts'

export interface WriteServices {
  readonly clock: Clock
  readonly authenticator: Authenticator
  readonly memberships: Memberships
  readonly credentials: InfluxCredentials
  readonly targets: WriteTargets
  readonly writer: LineWriter
  readonly log: Pick<FastifyBaseLogger, 'error'>
}

/** A credential that expires is let in for so much longer at most. */
const CURRENT_US = US_PER_S

const STORED: Answer = { status: 204, headers: INFLUX_HEADERS }

export class WriteRequests {
  readonly #services: WriteServices
  readonly #version: InfluxVersion

  constructor(services: WriteServices, version: InfluxVersion) {
    this.#services = services
    this.#version = version
  }

  /** @throws what `failed` makes an answer of. */
  async open(head: CredentialsOfRequest): Promise<OpenRequest> {
    const { clock, credentials, targets, writer } = this.#services
    const openedUs = clock.nowUs()
    const epoch = this.#epoch
    const caller = await credentials.callerOf(head)
    const precision = parsePrecision(head.query.precision)
    const target = await targets.find(caller, wantedOf(this.#version, head.query))
    return {
      isCurrent: () => epoch === this.#epoch && clock.nowUs() - openedUs < CURRENT_US,
      take: async (body) => answerOf(await writer.write(body, target, { precision, nowUs: clock.nowUs() })),
    }
  }

  failed(error: unknown): Answer {
    return failureAnswer(this.#version, error, this.#services.log)
  }

  /** Changes whenever a credential or a membership is taken away. */
  get #epoch(): number {
    return this.#services.authenticator.epoch + this.#services.memberships.epoch
  }
}

/** Retention policies are no concern here: points are kept until they are deleted. */
function wantedOf(version: InfluxVersion, { db, org, orgID, bucket }: HotHead['query']): WantedTarget {
  return version === 1 ? { bucket: db } : { org: org || orgID, bucket }
}

function answerOf(outcome: LineOutcome): Answer {
  if (outcome.rejectedCount > 0) throw new PartialWriteError(outcome)
  if (outcome.roundedCount === 0) return STORED
  return { status: 204, headers: { ...INFLUX_HEADERS, 'x-sonde-rounded': String(outcome.roundedCount) } }
}
