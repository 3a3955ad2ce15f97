/**
 * Opaque tokens: `sonde_` and 32 random bytes in base64url. The catalog keeps the SHA-256 only; a token is
 * shown once, when it is made. (A slow hash is for secrets that can be guessed, which these cannot.)
 */
import { hash, randomBytes } from 'node:crypto'
import { findAccount } from '../catalog/accounts.ts'
import { findDevice } from '../catalog/devices.ts'
import { findRole } from '../catalog/members.ts'
import { findOrg } from '../catalog/orgs.ts'
import { findProject } from '../catalog/projects.ts'
import type { CatalogDb, TokenRow } from '../catalog/schema.ts'
import { createToken, findTokenByHash, type NewToken, touchToken } from '../catalog/tokens.ts'
import { ForbiddenError, InvalidError } from '../errors.ts'
import { US_PER_DAY } from '../model/time.ts'
import { type Caller, type CallerLimit, formatScopes, parseScopes, type Scope } from './caller.ts'
import { requireScope } from './permissions.ts'
import { RefusedError } from './refusal.ts'

/** The one thing that a token is limited to. */
export type TokenLimit =
  | { readonly orgId: string }
  | { readonly projectId: number }
  | { readonly deviceId: number }

export interface IssueToken {
  readonly accountId: number
  readonly kind: 'login' | 'api'
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  readonly limit?: TokenLimit
  /** Left out for a token that lives until it is revoked. */
  readonly expiresAtUs?: number
  readonly nowUs: number
  /** Chosen ones, for the login keys of a session and for a token that the operator brings. */
  readonly id?: string
  readonly text?: string
}

export interface IssuedToken {
  /** The token itself, which nobody can read again. */
  readonly text: string
  readonly row: TokenRow
}

/** Who calls with a token that was found good. */
export interface ResolvedToken {
  readonly caller: Caller
  readonly expiresAtUs: number | null
}

export const LOGIN_KEY_LIFE_US = 180 * US_PER_DAY

const PREFIX = 'sonde_'
const RANDOM_BYTES = 32
const RANDOM_TOKEN = /^sonde_[\w-]{43}$/

export async function issueToken(db: CatalogDb, token: IssueToken): Promise<IssuedToken> {
  const text = token.text ?? randomToken()
  const fields: NewToken = {
    account_id: token.accountId,
    kind: token.kind,
    name: token.name,
    hash: hashToken(text),
    scopes: formatScopes(token.scopes),
    created_at_us: token.nowUs,
    expires_at_us: token.expiresAtUs ?? null,
    ...(token.id === undefined ? {} : { id: token.id }),
    ...(token.limit === undefined ? {} : columnOf(token.limit)),
  }
  return { text, row: await createToken(db, fields) }
}

/**
 * As `issueToken`, for a caller who asks for a token of their own. It can do no more than the caller.
 * @throws {InvalidError} no scope, an expiry that has passed, or a limit that does not exist.
 * @throws {ForbiddenError} the caller's own token lacks `admin`, has fewer scopes or a narrower limit.
 */
export async function issueApiToken(
  db: CatalogDb,
  caller: Caller,
  token: Pick<IssueToken, 'name' | 'scopes' | 'limit' | 'expiresAtUs' | 'nowUs'>,
): Promise<IssuedToken> {
  if (token.scopes.size === 0) throw InvalidError.field('scopes', 'A token needs at least one scope.')
  if (token.expiresAtUs !== undefined && token.expiresAtUs <= token.nowUs) {
    throw InvalidError.field('expires', 'A token must expire in the future.')
  }
  requireScope(caller, 'admin')
  for (const scope of token.scopes) requireScope(caller, scope)
  const limit = token.limit === undefined ? undefined : await locate(db, columnOf(token.limit))
  if (limit !== undefined && !(await isVisible(db, caller, limit))) {
    throw InvalidError.field('limit', 'There is no such organization, project or device.')
  }
  if (caller.limit !== undefined && !isNarrower(limit, caller.limit)) {
    throw new ForbiddenError('A token can only be made for what the calling token is limited to.')
  }
  return issueToken(db, { ...token, accountId: caller.accountId, kind: 'api' })
}

/**
 * Finds whose token this is, and notes its use at most once a minute.
 * @throws {RefusedError} one of `token_unknown`, `token_expired`, `token_revoked` and `inactive`.
 */
export async function resolveToken(
  db: CatalogDb,
  { text, nowUs }: { text: string; nowUs: number },
): Promise<ResolvedToken> {
  const row = await findTokenByHash(db, hashToken(text))
  // A key of a device or an organisation opens less than a token, and only where it is asked for.
  if (row === undefined || (row.kind !== 'login' && row.kind !== 'api'))
    throw new RefusedError('token_unknown')
  if (row.revoked_at_us !== null) throw new RefusedError('token_revoked')
  if (row.expires_at_us !== null && row.expires_at_us <= nowUs) throw new RefusedError('token_expired')
  const account = await findAccount(db, row.account_id)
  if (account === undefined || account.is_active === 0) throw new RefusedError('inactive')
  const limit = await locate(db, row)
  // A full disk must not lock out those who come to make room on it.
  await touchToken(db, row, nowUs).catch(() => undefined)
  const caller: Caller = {
    accountId: account.id,
    username: account.username,
    isStaff: account.is_staff === 1,
    scopes: parseScopes(row.scopes),
    ...(limit === undefined ? {} : { limit }),
    credential: { kind: 'token', id: row.id, tokenKind: row.kind },
  }
  return { caller, expiresAtUs: row.expires_at_us }
}

/** Whether a text has 256 random bits as far as one can see, so that trying many of them is no use. */
export function isRandomToken(text: string): boolean {
  return RANDOM_TOKEN.test(text)
}

export function randomToken(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('base64url')
}

export function hashToken(text: string): string {
  return hash('sha256', text, 'hex')
}

type LimitColumns = Pick<TokenRow, 'org_id' | 'project_id' | 'device_id'>

function columnOf(limit: TokenLimit): LimitColumns {
  return {
    org_id: 'orgId' in limit ? limit.orgId : null,
    project_id: 'projectId' in limit ? limit.projectId : null,
    device_id: 'deviceId' in limit ? limit.deviceId : null,
  }
}

/** Where the limit of a token lies now; a device may have changed hands since the token was made. */
async function locate(db: CatalogDb, columns: LimitColumns): Promise<CallerLimit | undefined> {
  if (columns.device_id !== null) {
    const device = await findDevice(db, columns.device_id)
    const projectId = device?.project_id ?? undefined
    const orgId = device?.org_id ?? null
    return { orgId, ...(projectId === undefined ? {} : { projectId }), deviceId: columns.device_id }
  }
  if (columns.project_id !== null) {
    const project = await findProject(db, columns.project_id)
    return { orgId: project?.org_id ?? null, projectId: columns.project_id }
  }
  if (columns.org_id === null) return undefined
  const org = await findOrg(db, columns.org_id)
  return { orgId: org?.id ?? null }
}

async function isVisible(db: CatalogDb, caller: Caller, { orgId }: CallerLimit): Promise<boolean> {
  if (orgId === null) return false
  return caller.isStaff || (await findRole(db, { orgId, accountId: caller.accountId })) !== undefined
}

function isNarrower(inner: CallerLimit | undefined, outer: CallerLimit): boolean {
  return (
    inner !== undefined &&
    inner.orgId === outer.orgId &&
    (outer.projectId === undefined || inner.projectId === outer.projectId) &&
    (outer.deviceId === undefined || inner.deviceId === outer.deviceId)
  )
}
