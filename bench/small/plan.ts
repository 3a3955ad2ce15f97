/** How much a run of the small requests does. */
export interface SmallPlan {
  readonly connectionCount: number
  /** Of each request and server, one after the other; the first is not counted. */
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
  roundCount: 6,
  roundMs: 3_000,
  fileBytes: 200 * MIB,
  tell,
}

export const USUAL_SMALL: SmallPlan = { ...FULL_SMALL, roundCount: 4, roundMs: 1_000 }

/** For the tests, which only see that everything runs and that every answer is right. */
export const TINY_SMALL: SmallPlan = {
  connectionCount: 3,
  roundCount: 2,
  roundMs: 10,
  fileBytes: 2 * MIB,
  tell: () => {},
}
