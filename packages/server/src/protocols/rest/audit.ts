/** Deletes leave a trace: who, when and what. */
import type { FastifyRequest } from 'fastify'
import { recordAudit } from '../../catalog/audit.ts'
import { callerOf } from './caller.ts'
import type { RestServices } from './services.ts'

export async function auditDelete(
  { catalog, clock }: RestServices,
  request: FastifyRequest,
  { target, detail }: { target: string; detail: string },
): Promise<void> {
  await recordAudit(catalog, {
    at_us: clock.nowUs(),
    account_id: callerOf(request).accountId,
    action: 'delete',
    target,
    detail,
  })
}
