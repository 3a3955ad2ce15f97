/** Commands for devices, in the order of their making. */
import { ConflictError, NotFoundError, RateLimitedError } from '../errors.ts'
import { takeIds } from './counters.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { CommandRow } from './schema/pins.ts'
import type { CatalogDb } from './schema.ts'

export const COMMAND_STATES = [
  'queued',
  'delivered',
  'acknowledged',
  'failed',
  'expired',
  'cancelled',
] as const
export type CommandState = (typeof COMMAND_STATES)[number]

export type NewCommand = Pick<
  CommandRow,
  'device_id' | 'name' | 'payload' | 'created_at_us' | 'created_by' | 'expires_at_us'
>

export interface CommandKey {
  readonly deviceId: number
  readonly id: number
}

/** Commands of one device that are neither done nor given up. */
export const COMMANDS_OPEN_MAX = 100
/** Of one device; older ones are forgotten when a new one is made. */
export const COMMANDS_CLOSED_MAX = 1_000

const OPEN: readonly CommandState[] = ['queued', 'delivered']
const FULL_RETRY_MS = 60_000

/** @throws {RateLimitedError} the device has `COMMANDS_OPEN_MAX` open commands. */
export async function createCommand(db: CatalogDb, command: NewCommand): Promise<CommandRow> {
  return inTransaction(db, async (db) => {
    const deviceId = command.device_id
    await expireCommands(db, { deviceId, nowUs: command.created_at_us })
    const { count } = await db
      .selectFrom('commands')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('device_id', '=', deviceId)
      .where('state', 'in', OPEN)
      .executeTakeFirstOrThrow()
    if (Number(count) >= COMMANDS_OPEN_MAX) {
      throw new RateLimitedError(
        `The device has ${COMMANDS_OPEN_MAX} open commands, which is as many as it may have. ` +
          'Cancel some, or wait until it has done them',
        FULL_RETRY_MS,
      )
    }
    await forgetOldest(db, deviceId)
    const id = await takeIds(db, 'command')
    return db
      .insertInto('commands')
      .values({ id, ...command, state: 'queued', deliveries: 0 })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** Gives up what is too late by now; to be called before anything is read. */
export async function expireCommands(
  db: CatalogDb,
  { deviceId, nowUs }: { deviceId: number; nowUs: number },
): Promise<void> {
  await db
    .updateTable('commands')
    .set((eb) => ({ state: 'expired', finished_at_us: eb.ref('expires_at_us') }))
    .where('device_id', '=', deviceId)
    .where('state', 'in', OPEN)
    .where('expires_at_us', '<=', nowUs)
    .execute()
}

/**
 * The oldest command that is to be handed out, which counts as delivered from now on: one that never was, or was
 * before `againBeforeUs` and not acknowledged since. Of several callers at once each gets another one.
 */
export async function deliverCommand(
  db: CatalogDb,
  { deviceId, nowUs, againBeforeUs }: { deviceId: number; nowUs: number; againBeforeUs: number },
): Promise<CommandRow | undefined> {
  return inTransaction(db, async (db) => {
    const due = await db
      .selectFrom('commands')
      .select(['id', 'deliveries'])
      .where('device_id', '=', deviceId)
      .where('state', 'in', OPEN)
      .where((eb) => eb.or([eb('state', '=', 'queued'), eb('delivered_at_us', '<=', againBeforeUs)]))
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    if (due === undefined) return undefined
    return db
      .updateTable('commands')
      .set({ state: 'delivered', delivered_at_us: nowUs, deliveries: due.deliveries + 1 })
      .where('id', '=', due.id)
      .where('deliveries', '=', due.deliveries)
      .returningAll()
      .executeTakeFirst()
  })
}

/**
 * Ends a command in one of `from`; one that ended the same way already is returned as it is.
 * @throws {NotFoundError} the device has no such command.
 * @throws {ConflictError} it is in another state.
 */
export async function finishCommand(
  db: CatalogDb,
  { deviceId, id }: CommandKey,
  finish: Pick<CommandRow, 'result' | 'error'> & {
    state: CommandState
    from: readonly CommandState[]
    nowUs: number
  },
): Promise<{ row: CommandRow; isNew: boolean }> {
  const { state, result, error, nowUs } = finish
  return inTransaction(db, async (db) => {
    const finished = await db
      .updateTable('commands')
      .set({ state, result, error, finished_at_us: nowUs })
      .where('id', '=', id)
      .where('device_id', '=', deviceId)
      .where('state', 'in', finish.from)
      .returningAll()
      .executeTakeFirst()
    if (finished !== undefined) return { row: finished, isNew: true }
    const row = await findCommand(db, { deviceId, id })
    if (row === undefined) throw new NotFoundError()
    if (row.state !== state) throw new ConflictError(`The command is ${row.state}.`)
    return { row, isNew: false }
  })
}

export async function findCommand(
  db: CatalogDb,
  { deviceId, id }: CommandKey,
): Promise<CommandRow | undefined> {
  return db
    .selectFrom('commands')
    .selectAll()
    .where('id', '=', id)
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
}

/** Newest first. */
export async function listCommands(
  db: CatalogDb,
  { deviceId, state }: { deviceId: number; state?: CommandState },
  page: Page,
): Promise<Paged<CommandRow>> {
  let matches = db.selectFrom('commands').where('device_id', '=', deviceId)
  if (state !== undefined) matches = matches.where('state', '=', state)
  return readPage(matches, page, (matches) => matches.selectAll().orderBy('id', 'desc'))
}

async function forgetOldest(db: CatalogDb, deviceId: number): Promise<void> {
  const oldestKept = await db
    .selectFrom('commands')
    .select('id')
    .where('device_id', '=', deviceId)
    .where('state', 'not in', OPEN)
    .orderBy('id', 'desc')
    .offset(COMMANDS_CLOSED_MAX - 1)
    .limit(1)
    .executeTakeFirst()
  if (oldestKept === undefined) return
  await db
    .deleteFrom('commands')
    .where('device_id', '=', deviceId)
    .where('state', 'not in', OPEN)
    .where('id', '<', oldestKept.id)
    .execute()
}
