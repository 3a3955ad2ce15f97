/**
 * Ids of points, handed out in memory. They are reserved in the catalog in blocks beforehand, so that none is
 * given twice, whatever becomes of the process; what a crash leaves of a block is left out.
 */
import { giveBackIds, takeIds } from '../../catalog/counters.ts'
import type { CatalogDb } from '../../catalog/schema.ts'

/** Blocks grow while the server runs: who writes little loses few ids in a crash. */
const FIRST_BLOCK = 64
const BLOCK_MAX = 8_192

export class PointIds {
  readonly #catalog: CatalogDb
  #next = 1
  /** Behind the last one that may be given. */
  #end = 1
  #block = FIRST_BLOCK
  /** The block that follows, reserved early. */
  #following: { first: number; end: number } | undefined
  #underWay: Promise<void> | undefined

  constructor(catalog: CatalogDb) {
    this.#catalog = catalog
  }

  get hasOne(): boolean {
    return this.#next < this.#end
  }

  /** The next id; call it only while there is one. */
  take(): number {
    const id = this.#next++
    if (this.#next === this.#end && this.#following !== undefined) this.#advance(this.#following)
    else if (this.#end - this.#next === this.#block >> 2) this.reserve().catch(() => undefined)
    return id
  }

  /** @throws {UnavailableError} the catalog cannot be changed. */
  reserve(): Promise<void> {
    this.#underWay ??= this.#reserve().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  /** Gives back what was not used. Nothing may be taken afterwards. */
  async close(): Promise<void> {
    await this.#underWay?.catch(() => undefined)
    if (this.#following !== undefined) await this.#giveBack(this.#following.first, this.#following.end)
    this.#following = undefined
    await this.#giveBack(this.#next, this.#end)
    this.#end = this.#next
  }

  async #reserve(): Promise<void> {
    if (this.#following !== undefined) return
    const block = Math.min(BLOCK_MAX, this.#end === 1 ? FIRST_BLOCK : this.#block * 2)
    const first = await takeIds(this.#catalog, 'series_point', block)
    const following = { first, end: first + block }
    if (this.hasOne) this.#following = following
    else this.#advance(following)
  }

  #advance({ first, end }: { first: number; end: number }): void {
    this.#next = first
    this.#end = end
    this.#block = end - first
    this.#following = undefined
  }

  async #giveBack(first: number, end: number): Promise<void> {
    if (first < end) await giveBackIds(this.#catalog, 'series_point', { first, end })
  }
}
