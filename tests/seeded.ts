/** Numbers between 0 and 1, the same ones for the same seed, and what tests make of them. */
export interface Random {
  /** 0 … 1, without 1. */
  next(): number
  /** A whole number from 0 up to, without, `bound`. */
  below(bound: number): number
  pick<T>(choices: readonly T[]): T
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return { next, below, pick: (choices) => choices[below(choices.length)] }
}
