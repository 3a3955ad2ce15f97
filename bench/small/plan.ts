/** How much a run of the small requests does. */
export interface SmallPlan {
  readonly connectionCount: number
  /** Rounds of each request and server, in turns; the first ones are not counted. */
  readonly warmUpCount: number
  readonly roundCount: number
  readonly roundMs: number
  /** Size of the file that goes up and down. */
  readonly fileBytes: number
  /** Hears what is being done. */
  readonly tell: (text: string) => void
}

const tell = (text: string) => console.error(`  … ${text}`)
const MIB = 2 ** 20

export const FULL_SMALL: SmallPlan = {
  connectionCount: 64,
  // A server runs for months; it takes some tens of thousands of requests until all of its code is compiled.
  warmUpCount: 2,
  roundCount: 5,
  roundMs: 3_000,
  fileBytes: 200 * MIB,
  tell,
}

export const USUAL_SMALL: SmallPlan = { ...FULL_SMALL, warmUpCount: 4, roundCount: 4, roundMs: 1_000 }

/** For the tests, which only see that everything runs and that every answer is right. */
export const TINY_SMALL: SmallPlan = {
  connectionCount: 3,
  warmUpCount: 0,
  roundCount: 1,
  roundMs: 10,
  fileBytes: 2 * MIB,
  tell: () => {},
}
