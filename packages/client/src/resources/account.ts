/** People: their accounts, API tokens and places in organizations. */
import type { Timestamp } from './scalars.ts'

export interface Account {
  readonly id: number
  readonly email: string | null
  readonly username: string
  readonly created_at: Timestamp
  readonly updated_at: Timestamp
  readonly name: string
  readonly tagline: string
  readonly avatar: {
    readonly tiny: string | null
    readonly thumbnail: string | null
    readonly medium: string | null
  }
  readonly slug: string
  readonly is_staff: boolean
  readonly is_active: boolean
}

export interface NewAccount {
  readonly username: string
  readonly email: string
  readonly password: string
  readonly confirm_password: string
  readonly name?: string
  readonly tagline?: string
}

/** `a0` owner, `a1` admin, `m1` member, `r1` operator, `d1` developer, `s0` support. */
export type Role = 'a0' | 'a1' | 'm1' | 'r1' | 'd1' | 's0'

export interface Member {
  /** Slug of the account. */
  readonly user: string
  readonly username: string
  readonly role: Role
  readonly is_active: boolean
}

export type Scope = 'read' | 'write' | 'provision' | 'admin'

export interface Token {
  /** UUID. */
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** What the token is limited to, as slugs. */
  readonly org: string | null
  readonly project: string | null
  readonly device: string | null
  readonly created_on: Timestamp
  readonly expires_on: Timestamp | null
  readonly last_used_on: Timestamp | null
}

export interface NewToken {
  readonly name: string
  readonly scopes?: readonly Scope[]
  readonly org?: string
  readonly project?: string
  readonly device?: string
  readonly expires_on?: Timestamp | null
}

/** The only answer that has the token itself. */
export interface CreatedToken extends Token {
  readonly token: string
}
