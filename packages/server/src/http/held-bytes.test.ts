import { expect, it } from 'vitest'
import { HeldBytes } from './held-bytes.ts'

const LARGE = 1_000_000

it('leaves room for small bodies when large ones hold all that they may', () => {
  const held = new HeldBytes(LARGE)
  held.take(LARGE, LARGE)
  expect(() => held.take(1, LARGE)).toThrow('Too many writes at once')
  held.take(60_000, 60_000)
  expect(() => held.take(60_000, 60_000)).toThrow('Too many writes at once')
  held.give(LARGE)
  held.take(60_000, 60_000)
})
