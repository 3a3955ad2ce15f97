/**
 * Roles of accounts in organisations, remembered for some seconds, because every write asks. Changes made
 * through here are seen at once; those of another server on the same catalog when the memory fades.
 */
import {
  addMember,
  changeMember,
  findRole,
  type MemberKey,
  type Role,
  removeMember,
} from '../catalog/members.ts'
import type { CatalogDb, MemberRow } from '../catalog/schema.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import { US_PER_S } from '../model/time.ts'
import { RecentMap } from './recent-map.ts'

const REMEMBERED_MAX = 10_000
const REMEMBERED_US = 10 * US_PER_S

export class Memberships {
  readonly #db: CatalogDb
  readonly #clock: Clock
  readonly #roles: RecentMap<string, Role>

  constructor({ db, clock = systemClock }: { db: CatalogDb; clock?: Clock }) {
    this.#db = db
    this.#clock = clock
    this.#roles = new RecentMap({ entriesMax: REMEMBERED_MAX, ageUsMax: REMEMBERED_US, clock })
  }

  /** Changes whenever somebody's role is changed or taken away here. */
  get epoch(): number {
    return this.#roles.epoch
  }

  /** The role of an active member; undefined for everybody else. */
  async roleOf(key: MemberKey): Promise<Role | undefined> {
    const text = textOf(key)
    const remembered = this.#roles.get(text)
    if (remembered !== undefined) return remembered
    const { epoch } = this.#roles
    const role = await findRole(this.#db, key)
    if (role !== undefined) this.#roles.setRead(text, role, epoch)
    return role
  }

  /** @throws {InvalidError} the account is a member already. */
  async add(key: MemberKey & { role: Role }): Promise<MemberRow> {
    return addMember(this.#db, { ...key, nowUs: this.#clock.nowUs() })
  }

  /**
   * @throws {NotFoundError} not a member.
   * @throws {InvalidError} the organisation would be left without an active owner.
   */
  async change(key: MemberKey, changes: { role?: Role; is_active?: number }): Promise<MemberRow> {
    const member = await changeMember(this.#db, key, changes)
    this.#roles.delete(textOf(key))
    return member
  }

  /**
   * @throws {NotFoundError} not a member.
   * @throws {InvalidError} the organisation would be left without an active owner.
   */
  async remove(key: MemberKey): Promise<void> {
    await removeMember(this.#db, key)
    this.#roles.delete(textOf(key))
  }
}

function textOf({ orgId, accountId }: MemberKey): string {
  return `${accountId} ${orgId}`
}
