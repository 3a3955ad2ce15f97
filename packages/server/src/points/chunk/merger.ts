/** Merges slices in the background, one after the other, and gives the disk back what that leaves unused. */
import type { PartRow } from './chunk-database.ts'
import type { SettlerCalls } from './settler.ts'
import type { Callee } from './thread-calls.ts'

export interface MergerOptions {
  readonly settler: Callee<SettlerCalls>
  /** Slices before this one are finished. */
  finishedBefore(): number
  /** Hears how many points chunks hold after each step. */
  onStep(pointCount: number): void
}

export class Merger {
  #options: MergerOptions
  #running: Promise<void> | undefined
  #isClosing = false
  /** `changedAt` of the slices that were left alone the last time. */
  #seen = new Map<number, number>()

  constructor(options: MergerOptions) {
    this.#options = options
  }

  /**
   * Merges all finished slices, or those only to which nothing was written since the last call: while old
   * data streams in, its slices would be merged again and again. What a failed merge leaves is whole.
   */
  async merge({ onlyQuiet = false } = {}): Promise<void> {
    while (this.#running) await this.#running
    this.#running = this.#mergeFinished(onlyQuiet).finally(() => {
      this.#running = undefined
    })
    await this.#running
  }

  /** Resolves when the step under way is done; the rest is for the next start. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#running?.catch(() => {})
  }

  async #mergeFinished(onlyQuiet: boolean): Promise<void> {
    const { settler, finishedBefore } = this.#options
    const found = await settler.call('unmergedParts', finishedBefore())
    const ready = found.filter((row) => !onlyQuiet || this.#isQuiet(row))
    this.#seen = new Map(found.map(({ part, changedAt }) => [part, changedAt]))
    for (const { part } of ready) await this.#mergePart(part)
    if (ready.length > 0) await this.giveBackSpace()
  }

  async giveBackSpace(): Promise<void> {
    const { settler } = this.#options
    while (!this.#isClosing && (await settler.call('giveBackSpace', null)) > 0);
  }

  #isQuiet({ part, changedAt }: PartRow): boolean {
    return this.#seen.get(part) === changedAt
  }

  async #mergePart(part: number): Promise<void> {
    const { settler, onStep } = this.#options
    let afterBlock: number | undefined = -1
    while (afterBlock !== undefined && !this.#isClosing) {
      const step: { next: number | undefined; pointCount: number } = await settler.call('mergeStep', {
        part,
        afterBlock,
      })
      onStep(step.pointCount)
      afterBlock = step.next
    }
  }
}
