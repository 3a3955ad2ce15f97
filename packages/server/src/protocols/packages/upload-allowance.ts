/**
 * How many bytes may still come in. What was taken and led to nothing lies on the disk for up to an hour, until
 * it is swept, and counts for the quota of its account as long.
 */
import { RecentMap } from '../../access/recent-map.ts'
import { packageUsageOf, refuseOverQuota } from '../../catalog/package-usage.ts'
import type { Publisher } from '../../catalog/tag-changes.ts'
import { OverloadedError, TooLargeError } from '../../errors.ts'
import { US_PER_HOUR } from '../../model/time.ts'
import { type PackagesServices, policyOf } from './services.ts'

const UPLOADS_MAX = 32
const RETRY_AFTER_MS = 5_000
const ACCOUNTS_MAX = 10_000

export class UploadAllowance {
  readonly #services: PackagesServices
  readonly #lost: RecentMap<number, number>
  #underWay = 0

  constructor(services: PackagesServices) {
    this.#services = services
    const { clock } = services
    this.#lost = new RecentMap({ entriesMax: ACCOUNTS_MAX, ageUsMax: US_PER_HOUR, clock })
  }

  /** Runs an upload among few others. @throws {OverloadedError} too many are under way. */
  async run<T>(upload: () => Promise<T>): Promise<T> {
    if (this.#underWay >= UPLOADS_MAX) throw new OverloadedError('too many uploads at once', RETRY_AFTER_MS)
    this.#underWay++
    try {
      return await upload()
    } finally {
      this.#underWay--
    }
  }

  /**
   * For the next file of an upload that has taken so many bytes.
   * @throws {TooLargeError} the quota of the account is used up.
   */
  async bytesMax({ accountId, isStaff }: Publisher, takenBytes: number): Promise<number> {
    const { catalog, config } = this.#services
    if (isStaff) return config.fileBytesMax
    const { quota } = policyOf(config)
    const usage = await packageUsageOf(catalog, accountId)
    const bytes = usage.bytes + takenBytes + (this.#lost.get(accountId) ?? 0)
    refuseOverQuota({ ...usage, bytes }, quota)
    return Math.min(config.fileBytesMax, quota.bytes - bytes)
  }

  /** The failure of a file that has more bytes than it was given. */
  refusal(bytesMax: number): TooLargeError {
    const { fileBytesMax, quotaBytes } = this.#services.config
    if (bytesMax === fileBytesMax)
      return new TooLargeError(`file is too large; the limit is ${fileBytesMax} bytes`)
    return new TooLargeError(
      `file is too large for what is left (${bytesMax} bytes) of the quota of ${quotaBytes} bytes per user; ` +
        'delete old tags, or ask the staff of this server',
    )
  }

  /** Counts bytes that were taken for an upload that then failed. */
  lose(accountId: number, bytes: number): void {
    if (bytes > 0) this.#lost.set(accountId, bytes + (this.#lost.get(accountId) ?? 0))
  }
}
