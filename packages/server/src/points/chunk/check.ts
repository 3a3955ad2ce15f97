/** What one check of a data folder has looked at, and what it has found wrong. */

/** Of many problems the first ones say enough. */
const LISTED_MAX = 20

export interface CheckResult {
  readonly title: string
  /** How many of what were looked at. */
  readonly counts: Readonly<Record<string, number>>
  /** The first ones of them. */
  readonly problems: readonly string[]
  readonly problemCount: number
  /** What is worth knowing, and no damage. */
  readonly notes: readonly string[]
}

export class Check implements CheckResult {
  readonly title: string
  readonly counts: Record<string, number> = {}
  readonly problems: string[] = []
  readonly notes: string[] = []
  #problemCount = 0

  constructor(title: string) {
    this.title = title
  }

  get problemCount(): number {
    return this.#problemCount
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by
  }

  problem(text: string): void {
    this.#problemCount++
    if (this.problems.length < LISTED_MAX) this.problems.push(text)
  }

  note(text: string): void {
    if (this.notes.length < LISTED_MAX) this.notes.push(text)
  }

  /** A problem unless the condition holds. */
  expect(condition: boolean, text: () => string): void {
    if (!condition) this.problem(text())
  }
}
