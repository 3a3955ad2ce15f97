/** May this caller do that? Asked before anything of an organisation is shown or changed. */
import type { Sight } from '../catalog/sight.ts'
import { ForbiddenError, NotFoundError } from '../errors.ts'
import type { Caller, CallerLimit, KeyKind, Scope } from './caller.ts'
import type { Memberships } from './memberships.ts'
import { can, keyCan, type Permission, scopeFor } from './roles.ts'

/** What is to be seen or changed: the innermost that is given, with the ones that it lies in. */
export interface PermissionTarget {
  /** Null for a device that nobody has claimed; only staff may touch it. */
  readonly orgId: string | null
  readonly projectId?: number
  readonly deviceId?: number
}

/**
 * Staff need no membership, but a token's scopes and limit hold for them too.
 * @throws {NotFoundError} the caller is no member of the organisation, and not told that it exists.
 * @throws {ForbiddenError} the role, the scopes or the limit of the credential do not allow it.
 */
export async function requirePermission(
  memberships: Memberships,
  caller: Caller,
  permission: Permission,
  target: PermissionTarget,
): Promise<void> {
  if (caller.credential.kind === 'key') {
    requireKeyPermission(caller, caller.credential.keyKind, permission, target)
    return
  }
  if (!caller.isStaff) {
    const { orgId } = target
    const role = orgId === null ? undefined : await memberships.roleOf({ orgId, accountId: caller.accountId })
    if (role === undefined) throw new NotFoundError()
    if (!can(role, permission)) throw new ForbiddenError()
  }
  requireScope(caller, scopeFor(permission))
  if (caller.limit !== undefined && !isWithin(caller.limit, permission, target)) {
    throw new ForbiddenError('This token is limited to another organization, project or device.')
  }
}

/** A key opens what it belongs to, and is not told what else there is. */
function requireKeyPermission(
  { limit }: Caller,
  keyKind: KeyKind,
  permission: Permission,
  target: PermissionTarget,
): void {
  const isTheirs =
    typeof limit?.orgId === 'string' &&
    limit.orgId === target.orgId &&
    (limit.deviceId === undefined || limit.deviceId === target.deviceId)
  if (!isTheirs) throw new NotFoundError()
  if (!keyCan(keyKind, permission)) throw new ForbiddenError()
}

/** As `requirePermission`, for callers who go on either way. */
export async function hasPermission(
  memberships: Memberships,
  caller: Caller,
  permission: Permission,
  target: PermissionTarget,
): Promise<boolean> {
  try {
    await requirePermission(memberships, caller, permission, target)
    return true
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof ForbiddenError) return false
    throw error
  }
}

/** Those of some organisations in which the caller may do that. */
export async function permittedOrgs<Org extends { readonly id: string }>(
  memberships: Memberships,
  caller: Caller,
  permission: Permission,
  orgs: readonly Org[],
): Promise<Org[]> {
  const permitted = []
  for (const org of orgs) {
    if (await hasPermission(memberships, caller, permission, { orgId: org.id })) permitted.push(org)
  }
  return permitted
}

/** @throws {ForbiddenError} the caller's token lacks the scope. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.has(scope)) throw new ForbiddenError(`This token lacks the scope "${scope}".`)
}

/**
 * For what concerns the caller's own account, such as its password.
 * @throws {ForbiddenError} a token that is limited or lacks the scope `admin`.
 */
export function requireWholeAccount(caller: Caller): void {
  if (caller.limit !== undefined) throw new ForbiddenError()
  requireScope(caller, 'admin')
}

/**
 * For what concerns the whole server, such as creating accounts and devices.
 * @throws {ForbiddenError} not staff, or with a token that is limited or lacks the scope `admin`.
 */
export function requireStaff(caller: Caller): void {
  if (!caller.isStaff) throw new ForbiddenError()
  requireWholeAccount(caller)
}

/**
 * What this caller's lists may show. Staff who ask for it (`?staff=1`) see every organisation; for
 * everybody else the wish is ignored.
 * @throws {ForbiddenError} the caller's token lacks the scope `read`.
 */
export function sightOf(caller: Caller, { asStaff = false }: { asStaff?: boolean } = {}): Sight {
  requireScope(caller, 'read')
  const { accountId, isStaff, limit, credential } = caller
  const isForAll = (asStaff && isStaff) || credential.kind === 'key'
  return {
    ...(isForAll ? {} : { memberId: accountId }),
    ...(limit === undefined ? {} : { ...limit, orgId: limit.orgId ?? '' }),
  }
}

/** A limited token may look at what its part lies in, so that its project and organisation have names. */
function isWithin(limit: CallerLimit, permission: Permission, target: PermissionTarget): boolean {
  const maySeeAround = permission === 'view'
  if (limit.orgId === null || target.orgId !== limit.orgId) return false
  if (limit.projectId !== undefined) {
    if (target.projectId === undefined) return maySeeAround
    if (target.projectId !== limit.projectId) return false
  }
  if (limit.deviceId === undefined) return true
  return target.deviceId === undefined ? maySeeAround : target.deviceId === limit.deviceId
}
