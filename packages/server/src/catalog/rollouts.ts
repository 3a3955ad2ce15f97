/** Rollouts: a tag of a package on its way to devices, with its stages. */
import { ConflictError, NotFoundError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { RolloutRow, RolloutStageRow } from './schema/rollouts.ts'
import type { CatalogDb } from './schema.ts'
import { orgIdsOf, type Sight } from './sight.ts'

export const ROLLOUT_STATES = [
  'draft',
  'running',
  'paused',
  'rolling_back',
  'completed',
  'aborted',
  'rolled_back',
] as const
export type RolloutState = (typeof ROLLOUT_STATES)[number]

/** States in which a rollout has a say in what its devices run. */
export const ACTIVE_STATES: readonly RolloutState[] = ['running', 'paused', 'rolling_back']

export type RolloutPolicyColumns = Pick<
  RolloutRow,
  | 'name'
  | 'failure_percent_max'
  | 'attempts_min'
  | 'attempts_max'
  | 'timeout_s'
  | 'advance_percent'
  | 'soak_s'
  | 'on_failure'
  | 'version_variable'
>

export type NewRollout = RolloutPolicyColumns &
  Pick<
    RolloutRow,
    'org_id' | 'package_id' | 'tag_id' | 'rollback_tag_id' | 'fleet_id' | 'created_by' | 'created_at_us'
  >

export type NewStage = Pick<RolloutStageRow, 'percent' | 'fleet_id'>

export type RolloutChanges = Partial<
  RolloutPolicyColumns &
    Pick<RolloutRow, 'state' | 'reason' | 'stage' | 'stage_opened_at_us' | 'started_at_us' | 'ended_at_us'>
>

export interface RolloutFilter {
  readonly orgId?: string
  readonly fleetId?: number
  readonly state?: RolloutState
}

const NO_COUNTS = {
  pending: 0,
  offered: 0,
  downloading: 0,
  verifying: 0,
  succeeded: 0,
  failed: 0,
  rolling_back: 0,
  rolled_back: 0,
  attempts_succeeded: 0,
  attempts_failed: 0,
}

/** A draft; no device hears of it. */
export async function createRollout(
  db: CatalogDb,
  rollout: NewRollout,
  stages: readonly NewStage[],
): Promise<RolloutRow> {
  return inTransaction(db, async (db) => {
    const row = await db
      .insertInto('rollouts')
      .values({
        id: await takeIds(db, 'rollout'),
        ...rollout,
        state: 'draft',
        reason: '',
        stage: 0,
        stage_opened_at_us: null,
        started_at_us: null,
        ended_at_us: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const rows = stages.map((stage, number) => ({
      rollout_id: row.id,
      stage: number,
      ...stage,
      ...NO_COUNTS,
    }))
    await db.insertInto('rollout_stages').values(rows).execute()
    return row
  })
}

export async function findRollout(db: CatalogDb, id: number): Promise<RolloutRow | undefined> {
  return db.selectFrom('rollouts').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Newest first. */
export async function listRollouts(
  db: CatalogDb,
  { sight, filter }: { sight: Sight; filter: RolloutFilter },
  page: Page,
): Promise<Paged<RolloutRow>> {
  let matches = db.selectFrom('rollouts')
  if (sight.memberId !== undefined) matches = matches.where('org_id', 'in', orgIdsOf(db, sight.memberId))
  if (sight.orgId !== undefined) matches = matches.where('org_id', '=', sight.orgId)
  if (filter.orgId !== undefined) matches = matches.where('org_id', '=', filter.orgId)
  if (filter.fleetId !== undefined) matches = matches.where('fleet_id', '=', filter.fleetId)
  if (filter.state !== undefined) matches = matches.where('state', '=', filter.state)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id', 'desc'))
}

/** Numbers of those that have a say now. */
export async function listActiveRollouts(db: CatalogDb): Promise<number[]> {
  const rows = await db
    .selectFrom('rollouts')
    .select('id')
    .where('state', 'in', ACTIVE_STATES)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Changes a rollout that is in one of `from`; undefined when it is in none of these any more. */
export async function changeRollout(
  db: CatalogDb,
  id: number,
  { from, changes }: { from: readonly RolloutState[]; changes: RolloutChanges },
): Promise<RolloutRow | undefined> {
  return db
    .updateTable('rollouts')
    .set(changes)
    .where('id', '=', id)
    .where('state', 'in', from)
    .returningAll()
    .executeTakeFirst()
}

/** Stages of some rollouts, in their order. */
export async function listStages(db: CatalogDb, rolloutIds: readonly number[]): Promise<RolloutStageRow[]> {
  if (rolloutIds.length === 0) return []
  return db
    .selectFrom('rollout_stages')
    .selectAll()
    .where('rollout_id', 'in', rolloutIds)
    .orderBy('rollout_id')
    .orderBy('stage')
    .execute()
}

/** Attempts count from the beginning again; devices stay as they are. */
export async function forgetAttempts(db: CatalogDb, rolloutId: number): Promise<void> {
  await db
    .updateTable('rollout_stages')
    .set({ attempts_succeeded: 0, attempts_failed: 0 })
    .where('rollout_id', '=', rolloutId)
    .execute()
}

/**
 * @throws {NotFoundError} no such rollout.
 * @throws {ConflictError} it has a say in what devices run.
 */
export async function deleteRollout(db: CatalogDb, id: number): Promise<void> {
  await inTransaction(db, async (db) => {
    const row = await findRollout(db, id)
    if (row === undefined) throw new NotFoundError()
    if (ACTIVE_STATES.some((state) => state === row.state)) {
      throw new ConflictError(`The rollout is ${row.state}; abort it first.`)
    }
    await db.deleteFrom('rollout_devices').where('rollout_id', '=', id).execute()
    await db.deleteFrom('rollout_stages').where('rollout_id', '=', id).execute()
    await db.deleteFrom('rollouts').where('id', '=', id).execute()
  })
}

/** Call it when the organisation has no devices any more. */
export async function deleteRolloutsOfOrg(db: CatalogDb, orgId: string): Promise<void> {
  const rollouts = db.selectFrom('rollouts').select('id').where('org_id', '=', orgId)
  await db.deleteFrom('rollout_devices').where('rollout_id', 'in', rollouts).execute()
  await db.deleteFrom('rollout_stages').where('rollout_id', 'in', rollouts).execute()
  await db.deleteFrom('rollouts').where('org_id', '=', orgId).execute()
}

/** @throws {ConflictError} a rollout names the fleet, as its target or as a ring. */
export async function refuseFleetOfRollout(db: CatalogDb, fleetId: number): Promise<void> {
  const target = await db
    .selectFrom('rollouts')
    .select('id')
    .where('fleet_id', '=', fleetId)
    .executeTakeFirst()
  const ring = await db
    .selectFrom('rollout_stages')
    .select('rollout_id as id')
    .where('fleet_id', '=', fleetId)
    .executeTakeFirst()
  const named = target ?? ring
  if (named !== undefined) throw new ConflictError(`Rollout ${named.id} names the fleet; delete it first.`)
}
