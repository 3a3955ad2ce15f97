/** Deletes and corrections leave a trace: who, when and what. */
import type { FastifyRequest } from 'fastify'
import { recordAudit } from '../../catalog/audit.ts'
import { callerOf } from './caller.ts'
import type { RestServices } from './services.ts'

interface Trace {
  /** Slug of what was changed, or its kind and number. */
  readonly target: string
  readonly detail: string
}

export function auditDelete(services: RestServices, request: FastifyRequest, trace: Trace): Promise<void> {
  return audit(services, request, { action: 'delete', ...trace })
}

export function auditCorrection(
  services: RestServices,
  request: FastifyRequest,
  trace: Trace,
): Promise<void> {
  return audit(services, request, { action: 'correct', ...trace })
}

async function audit(
  { catalog, clock }: RestServices,
  request: FastifyRequest,
  trace: Trace & { readonly action: string },
): Promise<void> {
  await recordAudit(catalog, {
    at_us: clock.nowUs(),
    account_id: callerOf(request).accountId,
    ...trace,
  })
}
