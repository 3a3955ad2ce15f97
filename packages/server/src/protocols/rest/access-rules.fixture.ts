/** Rules of who is let in, for the tables of routes (`access-table.fixture.ts`), and what there is to ask about. */
import type { Scope } from '../../access/caller.ts'
import type { Role } from '../../catalog/members.ts'

// The roles that may, as the organisation's rules have it.
export const ALL = ['a0', 'a1', 'm1', 'r1', 'd1', 's0'] as const
export const READ_DATA = ['a0', 'a1', 'm1', 'd1', 's0'] as const
export const MODIFY_DEVICE = ['a0', 'a1', 'm1', 'd1', 's0'] as const
export const IN_CHARGE = ['a0', 'a1', 'd1'] as const
export const ENGINEERS = ['d1', 's0'] as const

/** Anything but 401, 403, 404 and 500; that the request succeeds is not asked. */
export const LET_IN = 'let in' as const
/** A status, or that the caller is let in. */
export type Wanted = number | typeof LET_IN

export interface Rule {
  readonly roles: readonly Role[]
  /** All of these must be in a token; no token opens a session. */
  readonly scopes: readonly (Scope | 'session')[]
  /** Answered to those who may. */
  readonly allowed?: number
  /** Answered to members whose role may not. */
  readonly member?: number
  readonly outsider?: Wanted
  readonly anonymous?: Wanted
  readonly deviceKey?: Wanted
  readonly orgKey?: Wanted
}

/** Shows what the caller may see, which may be nothing. */
export const LIST: Rule = { roles: ALL, scopes: ['read'], outsider: LET_IN }
export const VIEW: Rule = { roles: ALL, scopes: ['read'] }
export const DATA: Rule = { roles: READ_DATA, scopes: ['read'] }
export const MANAGE: Rule = { roles: IN_CHARGE, scopes: ['admin'] }
export const MODIFY: Rule = { roles: MODIFY_DEVICE, scopes: ['read', 'admin'] }
export const REPORT: Rule = { roles: IN_CHARGE, scopes: ['write'] }
export const STAFF: Rule = { roles: [], scopes: ['admin'], outsider: 403 }
/** Within an organisation, of which others are not to know. */
export const STAFF_WITHIN: Rule = { roles: [], scopes: ['read', 'admin'] }
/** Another account than the caller's. */
export const STRANGER: Rule = { roles: [], scopes: ['read'], member: 404 }
export const OWN: Rule = { roles: ALL, scopes: ['admin'], outsider: LET_IN }
export const OPEN: Rule = {
  roles: ALL,
  scopes: [],
  outsider: LET_IN,
  anonymous: LET_IN,
  deviceKey: LET_IN,
  orgKey: LET_IN,
}
/** Keys count as nobody where somebody without credentials is answered too. */
export const NOBODY = { anonymous: 403, deviceKey: 403, orgKey: 403 }
export const FORM = { 'content-type': 'multipart/form-data; boundary=x' }
export const CSV = { 'content-type': 'text/csv' }
export const GONE = { allowed: 404 }

type Path = string | (() => Promise<string>)
export type AccessRow = readonly [
  route: string,
  rule: Rule,
  path: Path,
  body?: unknown,
  headers?: Record<string, string>,
]

/** What there is in the organisation `home`; slugs and ids. */
export interface AccessWorld {
  readonly project: string
  readonly device: string
  readonly variable: string
  readonly stream: string
  readonly report: string
  readonly event: number
  /** Of the device. */
  readonly property: number
  /** A device without data, and an archive of it. */
  readonly spare: string
  readonly block: string
  readonly fleet: string
  readonly script: string
  readonly request: number
  readonly action: number
  /** Of the device, with a report. */
  readonly streamer: string
  readonly streamerReport: string
  readonly command: number
  readonly rollout: number
  /** Of the account `admin`. */
  readonly password: string
  /** Paths of new ones, to be deleted. */
  readonly newStream: () => Promise<string>
  readonly newReport: () => Promise<string>
  readonly newEvent: () => Promise<string>
  readonly newProperty: () => Promise<string>
  readonly newBlock: () => Promise<string>
  readonly newDevice: () => Promise<string>
  readonly newFleet: () => Promise<string>
  readonly newScript: () => Promise<string>
  readonly newRequest: () => Promise<string>
  readonly newStreamer: () => Promise<string>
  readonly newRollout: () => Promise<string>
}
