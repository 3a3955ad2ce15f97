/** Chance that is the same whenever it is asked: everything follows from a name and a moment. */

/** From 0 up to 1, for a whole number of a named sequence. */
export function chance(name: string, index: number): number {
  let hash = 2_166_136_261 ^ index
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16_777_619)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** A curve between -1 and 1 without corners, that turns about once in a period. */
export function drift(name: string, timeMs: number, periodMs: number): number {
  const at = timeMs / periodMs
  const index = Math.floor(at)
  const part = at - index
  const ease = part * part * (3 - 2 * part)
  const from = chance(name, index)
  return 2 * (from + (chance(name, index + 1) - from) * ease) - 1
}
