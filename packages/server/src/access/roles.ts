/** What the members of an organisation may do, by role, and the scope that a token needs for it. */
import { ROLES, type Role } from '../catalog/members.ts'
import type { KeyKind, Scope } from './caller.ts'

interface Rule {
  readonly scope: Scope
  readonly roles: readonly Role[]
}

const EVERYBODY = ROLES
const ALL_BUT_OPERATOR = ['a0', 'a1', 'm1', 'd1', 's0'] as const
const IN_CHARGE = ['a0', 'a1', 'd1'] as const
const ENGINEERS = ['d1', 's0'] as const

const RULES = {
  /** See the organisation, its projects, devices, variables and stream records. */
  view: { scope: 'read', roles: EVERYBODY },
  read_data: { scope: 'read', roles: ALL_BUT_OPERATOR },
  write_data: { scope: 'write', roles: EVERYBODY },
  /** Points gone or changed afterwards; audited. */
  delete_data: { scope: 'admin', roles: IN_CHARGE },
  /** Devices, variables and streams made on the way by points that name them. */
  provision: { scope: 'provision', roles: IN_CHARGE },
  claim_device: { scope: 'provision', roles: IN_CHARGE },
  /** Say what a device is to do: desired values and commands. */
  control_device: { scope: 'write', roles: ALL_BUT_OPERATOR },
  modify_device: { scope: 'admin', roles: ALL_BUT_OPERATOR },
  /** Projects, their variables, and who is a member. */
  manage_org: { scope: 'admin', roles: IN_CHARGE },
  create_stream: { scope: 'provision', roles: ENGINEERS },
  create_archive: { scope: 'admin', roles: IN_CHARGE },
  create_report: { scope: 'write', roles: IN_CHARGE },
  /** Fleets and firmware. */
  manage_ota: { scope: 'admin', roles: ENGINEERS },
} as const satisfies Record<string, Rule>

export type Permission = keyof typeof RULES

/** What keys may do with what they belong to. What is the same for all organisations an org's key reads anyway. */
const KEY_RULES: Readonly<Record<KeyKind, readonly Permission[]>> = {
  device: ['view', 'read_data', 'write_data'],
  org: [],
}

export const PERMISSIONS = Object.keys(RULES) as Permission[]

export function can(role: Role, permission: Permission): boolean {
  const roles: readonly Role[] = RULES[permission].roles
  return roles.includes(role)
}

export function keyCan(keyKind: KeyKind, permission: Permission): boolean {
  return KEY_RULES[keyKind].includes(permission)
}

export function scopeFor(permission: Permission): Scope {
  return RULES[permission].scope
}
