/** The two heads: one that takes points, and one that is being moved into chunks. */
import type { PointBatch } from '../../model/point-batch.ts'
import { Head } from './head.ts'
import type { HeadMemory, HeadView } from './head-view.ts'

export class Heads {
  #pointsMax: number
  #active: Head
  #frozen: Head | undefined
  /** Memory of a head that is in chunks, for the next one. */
  #spare: Head | undefined

  constructor(generation: number, pointsMax: number) {
    this.#pointsMax = pointsMax
    this.#active = new Head(generation, pointsMax)
  }

  get active(): Head {
    return this.#active
  }

  get frozen(): Head | undefined {
    return this.#frozen
  }

  get pointCount(): number {
    return this.#active.pointCount + (this.#frozen?.pointCount ?? 0)
  }

  append(batch: PointBatch): void {
    this.#active.append(batch)
  }

  /** Puts an empty head in place of the active one, which must be moved into chunks then. */
  freeze(): void {
    this.#frozen = this.#active
    this.begin(this.#active.generation + 1)
  }

  /** An empty active head, of that generation. */
  begin(generation: number): void {
    const spare = this.#spare
    this.#spare = undefined
    spare?.reset(generation)
    this.#active = spare ?? new Head(generation, this.#pointsMax)
  }

  /** The frozen head is in chunks; its memory is used again unless somebody may still be reading it. */
  settled({ isRead }: { isRead: boolean }): void {
    if (!isRead) this.#spare = this.#frozen
    this.#frozen = undefined
  }

  /** For readers in this thread, the older head first. */
  views(): HeadView[] {
    return this.#all().map((head) => head.view)
  }

  /** For readers in other threads, the older head first. */
  memories(): HeadMemory[] {
    return this.#all().map((head) => head.memory())
  }

  #all(): Head[] {
    const heads = this.#frozen ? [this.#frozen, this.#active] : [this.#active]
    return heads.filter((head) => head.pointCount > 0)
  }
}
