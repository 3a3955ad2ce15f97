/**
 * The catalog's tables, the same on SQLite and PostgreSQL. Only integers, bigints, texts and (for the
 * offset of a unit conversion) doubles are used:
 *
 * - `…_us` columns are microseconds since the Unix epoch, UTC.
 * - Flags are 0 or 1. JSON is kept as text and parsed in the file of its noun.
 * - Small integer ids come from the `counters` table, so that both databases hand them out alike.
 */
import type { Kysely } from 'kysely'
import type { EventTables } from './schema/events.ts'
import type { FleetTables } from './schema/fleets.ts'
import type { GeneratedReportTables } from './schema/generated-reports.ts'
import type { PackageTables } from './schema/packages.ts'
import type { PasswordResetTables } from './schema/password-resets.ts'
import type { PinTables } from './schema/pins.ts'
import type { ReportTables } from './schema/reports.ts'
import type { RolloutTables } from './schema/rollouts.ts'
import type { SeriesTables } from './schema/series.ts'

export type { SeriesPointRow, SeriesRow } from './schema/series.ts'

export type CatalogDb = Kysely<CatalogTables>

export interface CatalogTables
  extends EventTables,
    FleetTables,
    GeneratedReportTables,
    PackageTables,
    PasswordResetTables,
    PinTables,
    ReportTables,
    RolloutTables,
    SeriesTables {
  migrations: MigrationRow
  counters: CounterRow
  settings: SettingRow
  accounts: AccountRow
  tokens: TokenRow
  revoked_jwts: RevokedJwtRow
  orgs: OrgRow
  members: MemberRow
  projects: ProjectRow
  devices: DeviceRow
  variables: VariableRow
  streams: StreamRow
  consumpdata: ConsumpRow
  electricity_users: ElectricityUserRow
  audit: AuditRow
}

/** A step of the schema that this catalog has taken. */
export interface MigrationRow {
  name: string
  /** The version of Sonde that took it. */
  program_version: string
  applied_at_us: number
}

/** Last id handed out of each kind. */
export interface CounterRow {
  name: string
  last_id: number
}

/** Secrets and facts of this installation that outlive a restart, such as the JWT key. */
export interface SettingRow {
  name: string
  value: string
}

export interface AccountRow {
  id: number
  username: string
  /** Lower case; null for an account that only uses packages or electricity. */
  email: string | null
  slug: string
  name: string
  tagline: string
  /** `scrypt$…`, or `sha256$<hex>` taken over from an old installation until the next login. */
  password_hash: string
  is_staff: number
  is_active: number
  created_at_us: number
  updated_at_us: number
  /** JWTs and login keys issued before this moment are refused. */
  credentials_changed_at_us: number
}

export interface TokenRow {
  id: string
  account_id: number
  /**
   * `login` for the opaque key that a login hands out, `api` for one that a person made, `device` and `org`
   * for the keys of a device (which names its organisation too) and of an organisation.
   */
  kind: string
  name: string
  /** SHA-256 of the token, hex. The token itself is shown once and never kept. */
  hash: string
  /** Blank-separated: read, write, provision, admin. */
  scopes: string
  /** The one org, project or device that the token is limited to; null means no such limit. */
  org_id: string | null
  project_id: number | null
  device_id: number | null
  created_at_us: number
  expires_at_us: number | null
  /** Set at most once a minute. */
  last_used_at_us: number | null
  /** A revoked token is kept for a while, so that it can be told from one that never was. */
  revoked_at_us: number | null
}

/** Sessions whose JWTs a logout ended before their time; swept when the last of them has expired. */
export interface RevokedJwtRow {
  /** Shared by a JWT and all that were refreshed from it. */
  session_id: string
  expires_at_us: number
}

export interface OrgRow {
  id: string
  name: string
  slug: string
  ot: string | null
  about: string
  created_at_us: number
  created_by: number
}

export interface MemberRow {
  org_id: string
  account_id: number
  /** `a0` owner, `a1` admin, `m1` member, `r1` operator, `d1` developer, `s0` support. */
  role: string
  is_active: number
  created_at_us: number
}

export interface ProjectRow {
  /** 1 … 2^32 - 1; the number in the slug. */
  id: number
  uuid: string
  org_id: string
  name: string
  about: string
  project_template: string | null
  /** The variable number handed out last; ones that a person chose do not count. */
  last_lid: number
  created_at_us: number
  created_by: number
}

export interface DeviceRow {
  /** 1 … 2^48 - 1; the number in the slug. */
  id: number
  /** Null until claimed. */
  project_id: number | null
  org_id: string | null
  label: string
  active: number
  external_id: string
  sg: string | null
  template: string
  lat: string | null
  lon: string | null
  state: string
  busy: number
  created_at_us: number
  created_by: number
  claimed_by: number | null
  claimed_at_us: number | null
}

export interface VariableRow {
  id: string
  project_id: number
  /** 1 … 65535; the number in the slug. */
  lid: number
  name: string
  var_type: string
  about: string
  /** JSON of a unit object, or null. */
  input_unit: string | null
  output_unit: string | null
  derived_variable: string | null
  raw_value_format: string
  units: string
  multiplication_factor: number | null
  division_factor: number | null
  offset_value: number | null
  decimal_places: number
  mdo_label: string
  web_only: number
  app_only: number
  created_at_us: number
  created_by: number
}

export interface StreamRow {
  /** The points store's number of the stream: dense, from 1. */
  id: number
  uuid: string
  slug: string
  project_id: number
  /** 0 for a virtual stream. */
  device_id: number
  /** Number of the data block when the stream is archived, else 0. */
  block: number
  variable_lid: number
  /** 0 while the stream has points but nobody made a stream record for it. */
  is_registered: number
  /** 1 once a point of the stream came in a report. */
  has_readings: number
  var_type: string | null
  data_label: string
  data_type: string
  enabled: number
  mdo_type: string
  mdo_label: string
  multiplication_factor: number | null
  division_factor: number | null
  offset_value: number | null
  raw_value_format: string
  input_unit: string | null
  output_unit: string | null
  derived_stream: string | null
  created_at_us: number
  created_by: number
}

/** A row of the electricity API's table, with exact decimals as text (`-8.38200`). */
export interface ConsumpRow {
  id: number
  /** `YYYY-MM-DD HH:MM:SS`, no zone; repeats when the clocks go back. */
  date: string
  energy: string | null
  reactive_energy: string | null
  power: string | null
  maximeter: string | null
  reactive_power: string | null
  voltage: string | null
  intensity: string | null
  power_factor: string | null
}

/** Accounts that may log in to the electricity API. */
export interface ElectricityUserRow {
  account_id: number
}

/** Who deleted or corrected points, when, and which. */
export interface AuditRow {
  id: string
  at_us: number
  account_id: number | null
  action: string
  target: string
  detail: string
}
