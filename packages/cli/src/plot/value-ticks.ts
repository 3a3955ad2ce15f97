/** Round values for an axis. */

export interface ValueTicks {
  readonly low: number
  readonly high: number
  /** From low to high. */
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

/** An axis that holds both ends, with one to about `countMax` round values on it; `countMax` is 3 or more. */
export function valueTicks(range: { min: number; max: number }, countMax: number): ValueTicks {
  const { min, max } = widened(range)
  const step = roundStep((max - min) / countMax)
  const first = Math.ceil(min / step)
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const ticks = Array.from({ length: Math.floor(max / step) - first + 1 }, (_, i) => {
    const value = (first + i) * step
    return { value, label: labelOf(value, decimals) }
  })
  return { low: min, high: max, ticks }
}

/** Beyond these a difference of two doubles, or a step between them, is none any more. */
const FINITE_MAX = 1e307
const FINITE_MIN = 1e-290

/** One value, or values that differ in their last bits, get an axis around them. */
function widened(range: { min: number; max: number }): { min: number; max: number } {
  const min = Math.max(range.min, -FINITE_MAX)
  const max = Math.min(range.max, FINITE_MAX)
  const size = Math.max(Math.abs(min), Math.abs(max))
  if (max - min > Math.max(size * 1e-9, FINITE_MIN)) return { min, max }
  const pad = size > FINITE_MIN * 1e10 ? size * 0.1 : 1
  return { min: min - pad, max: max + pad }
}

/** 1, 2 or 5 times a power of ten, at least as large as asked. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10
  return factor * power
}

function labelOf(value: number, decimals: number): string {
  const isHuge = Math.abs(value) >= 1e7 || decimals > 6
  if (isHuge && value !== 0) return value.toPrecision(3).replace(/\.?0+(e|$)/, '$1')
  // No -0.
  return (value === 0 ? 0 : value).toFixed(Math.min(decimals, 6))
}
