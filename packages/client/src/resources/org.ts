/** Organizations and their projects. */
import type { Timestamp } from './scalars.ts'

export interface Org {
  /** UUID. */
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly ot: string | null
  readonly about: string
  readonly created_on: Timestamp
  readonly created_by: string
  readonly avatar: { readonly tiny?: string | null; readonly thumbnail?: string | null }
  readonly domain_names: readonly string[]
}

export interface OrgExtra extends Org {
  readonly counts: Readonly<Record<string, number>>
  readonly current_member: unknown
}

export interface Project {
  /** UUID. */
  readonly id: string
  readonly name: string
  readonly slug: string
  /** The slug without its kind. */
  readonly gid: string
  /** Slug. */
  readonly org: string
  readonly about: string
  readonly project_template: string | null
  readonly created_on: Timestamp
  readonly created_by: string
}

export interface ProjectExtra extends Project {
  readonly counts: Readonly<Record<string, number>>
}
