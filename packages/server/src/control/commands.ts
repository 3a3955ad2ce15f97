/**
 * Commands: made by people and programs, fetched and acknowledged by devices. A device that has none may wait for
 * the next one, which it then gets without asking again.
 */
import { recordAudit } from '../catalog/audit.ts'
import {
  type CommandKey,
  type CommandState,
  createCommand,
  deliverCommand,
  expireCommands,
  findCommand,
  finishCommand,
  listCommands,
  type NewCommand,
} from '../catalog/commands.ts'
import { inTransaction } from '../catalog/in-transaction.ts'
import type { Page, Paged } from '../catalog/page.ts'
import type { CommandRow } from '../catalog/schema/pins.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import { NotFoundError, OverloadedError } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import { US_PER_MIN } from '../model/time.ts'
import { DeviceWaiters } from './device-waiters.ts'

/** Who does it, and what the device is called, for the audit. */
export interface CommandActor {
  readonly accountId: number
  readonly deviceSlug: string
}

export interface CommandOutcome {
  /** JSON. */
  readonly result: string | null
  /** Why the command could not be done. */
  readonly error: string | null
}

export interface WaitForCommand {
  readonly waitMs: number
  /** When the device has hung up. */
  readonly signal: AbortSignal
}

/** A command that was handed out and not acknowledged is handed out again after so long. */
export const REDELIVER_US = US_PER_MIN
const WAIT_RETRY_MS = 10_000

export class Commands {
  readonly #db: CatalogDb
  readonly #clock: Clock
  readonly #waiters = new DeviceWaiters()

  constructor({ db, clock }: { db: CatalogDb; clock: Clock }) {
    this.#db = db
    this.#clock = clock
  }

  /** @throws {RateLimitedError} the device has too many open commands. */
  async create(
    command: Omit<NewCommand, 'created_at_us' | 'created_by' | 'expires_at_us'>,
    { lifeUs, accountId, deviceSlug }: CommandActor & { lifeUs: number },
  ): Promise<CommandRow> {
    const nowUs = this.#clock.nowUs()
    const row = await inTransaction(this.#db, async (db) => {
      const times = { created_at_us: nowUs, expires_at_us: nowUs + lifeUs }
      const row = await createCommand(db, { ...command, ...times, created_by: accountId })
      await this.#audit(db, row, { accountId, deviceSlug })
      return row
    })
    this.#waiters.wake(command.device_id)
    return row
  }

  /**
   * The next command for a device, as soon as there is one; undefined when there is none in time.
   * @throws {OverloadedError} too many wait already.
   */
  async next(deviceId: number, { waitMs, signal }: WaitForCommand): Promise<CommandRow | undefined> {
    const deadlineMs = performance.now() + waitMs
    for (;;) {
      const woken = this.#waiters.expect(deviceId)
      try {
        const row = signal.aborted ? undefined : await this.#deliver(deviceId)
        const leftMs = deadlineMs - performance.now()
        if (row !== undefined || leftMs <= 0 || signal.aborted) return row
        if (woken === undefined) throw new OverloadedError('Too many wait for commands', WAIT_RETRY_MS)
        if (!(await woken.within(leftMs, signal))) return undefined
      } finally {
        woken?.forget()
      }
    }
  }

  /**
   * What the device made of a command. The same again is no failure: its answer may have got lost.
   * @throws {NotFoundError} the device has no such command.
   * @throws {ConflictError} it was not handed out, or has ended otherwise.
   */
  async acknowledge(key: CommandKey, outcome: CommandOutcome, actor: CommandActor): Promise<CommandRow> {
    const state = outcome.error === null ? 'acknowledged' : 'failed'
    return this.#finish(key, { ...outcome, state, from: ['delivered'] }, actor)
  }

  /** @throws {NotFoundError} the device has no such command. @throws {ConflictError} it has ended otherwise. */
  async cancel(key: CommandKey, actor: CommandActor): Promise<CommandRow> {
    const finish = { state: 'cancelled', from: ['queued', 'delivered'], result: null, error: null } as const
    return this.#finish(key, finish, actor)
  }

  /** @throws {NotFoundError} the device has no such command. */
  async find(key: CommandKey): Promise<CommandRow> {
    await this.#expire(key.deviceId)
    const row = await findCommand(this.#db, key)
    if (row === undefined) throw new NotFoundError()
    return row
  }

  /** Newest first. */
  async list(filter: { deviceId: number; state?: CommandState }, page: Page): Promise<Paged<CommandRow>> {
    await this.#expire(filter.deviceId)
    return listCommands(this.#db, filter, page)
  }

  /** Sends everybody who waits away, so that the server can stop. */
  close(): void {
    this.#waiters.close()
  }

  async #deliver(deviceId: number): Promise<CommandRow | undefined> {
    const nowUs = this.#clock.nowUs()
    await this.#expire(deviceId)
    return deliverCommand(this.#db, { deviceId, nowUs, againBeforeUs: nowUs - REDELIVER_US })
  }

  async #finish(
    key: CommandKey,
    finish: CommandOutcome & { state: CommandState; from: readonly CommandState[] },
    actor: CommandActor,
  ): Promise<CommandRow> {
    // Before the transaction, which is undone when it finds that the command is too late.
    await this.#expire(key.deviceId)
    return inTransaction(this.#db, async (db) => {
      const { row, isNew } = await finishCommand(db, key, { ...finish, nowUs: this.#clock.nowUs() })
      if (isNew) await this.#audit(db, row, actor)
      return row
    })
  }

  #expire(deviceId: number): Promise<void> {
    return expireCommands(this.#db, { deviceId, nowUs: this.#clock.nowUs() })
  }

  async #audit(db: CatalogDb, row: CommandRow, { accountId, deviceSlug }: CommandActor): Promise<void> {
    await recordAudit(db, {
      at_us: this.#clock.nowUs(),
      account_id: accountId,
      action: `command ${row.state}`,
      target: deviceSlug,
      detail: JSON.stringify({ id: row.id, name: row.name }),
    })
  }
}
