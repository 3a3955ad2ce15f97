/** Finds what an address of firmware names; every number is checked against the caller's organisations. */
import type { FastifyRequest } from 'fastify'
import type { Permission } from '../../access/roles.ts'
import { findOtaAction } from '../../catalog/ota-actions.ts'
import { findOtaRequest } from '../../catalog/ota-requests.ts'
import { findOtaScript, parseScriptSlug } from '../../catalog/ota-scripts.ts'
import { findRollout } from '../../catalog/rollouts.ts'
import type { OtaActionRow, OtaRequestRow, OtaScriptRow } from '../../catalog/schema/fleets.ts'
import type { RolloutRow } from '../../catalog/schema/rollouts.ts'
import { NotFoundError } from '../../errors.ts'
import { check } from './lookup.ts'
import type { RestServices } from './services.ts'

interface Wanted {
  readonly text: string
  readonly permission: Permission
}

/** @throws {NotFoundError} no such script, or none that the caller may know of. */
export async function scriptOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: Wanted,
): Promise<OtaScriptRow> {
  const id = parseScriptSlug(text)
  const script = id === undefined ? undefined : await findOtaScript(services.catalog, id)
  if (!script) throw new NotFoundError()
  await check(services, request, permission, { orgId: script.org_id })
  return script
}

/** @throws {NotFoundError} no such request, or none that the caller may know of. */
export async function otaRequestOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: Wanted,
): Promise<OtaRequestRow> {
  const id = readId(text)
  const found = id === undefined ? undefined : await findOtaRequest(services.catalog, id)
  if (!found) throw new NotFoundError()
  await check(services, request, permission, { orgId: found.org_id })
  return found
}

/** @throws {NotFoundError} no such action, or none that the caller may know of. */
export async function otaActionOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: Wanted,
): Promise<OtaActionRow> {
  const id = readId(text)
  const action = id === undefined ? undefined : await findOtaAction(services.catalog, id)
  if (!action) throw new NotFoundError()
  await otaRequestOfPath(services, request, { text: String(action.request_id), permission })
  return action
}

/** @throws {NotFoundError} no such rollout, or none that the caller may know of. */
export async function rolloutOfPath(
  services: RestServices,
  request: FastifyRequest,
  { text, permission }: Wanted,
): Promise<RolloutRow> {
  const id = readId(text)
  const rollout = id === undefined ? undefined : await findRollout(services.catalog, id)
  if (!rollout) throw new NotFoundError()
  await check(services, request, permission, { orgId: rollout.org_id })
  return rollout
}

/** Of an integer column; undefined for everything else. */
function readId(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
