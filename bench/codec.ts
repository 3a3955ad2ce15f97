/** How fast chunks are encoded and decoded, and how small they get. */
import {
  chunkCount,
  decodeChunk,
  encodeChunk,
} from '../packages/server/src/points/chunk/codec/chunk-codec.ts'
import type { Finding } from './report.ts'
import { START_US, STEP_US, seeded } from './workload.ts'

const POINTS = 1_000

export function benchCodec(pointsMax: number): Finding[] {
  const random = seeded(2)
  let cents = 2_000
  const kinds: Record<string, () => number> = {
    'random walk': () => {
      cents += Math.floor(random() * 51) - 25
      return cents / 100
    },
    constant: () => 21.5,
    'full double': () => Math.sin(cents++ / 10),
  }
  return Object.entries(kinds).flatMap(([name, value]) => measure(name, value, pointsMax))
}

function measure(name: string, value: () => number, pointsMax: number): Finding[] {
  const values = Float64Array.from({ length: POINTS }, value)
  const timesUs = values.map((_, i) => START_US + i * STEP_US)
  const into = { timesUs: new Float64Array(POINTS), values: new Float64Array(POINTS) }
  const bytes = encodeChunk(timesUs, values)
  const rounds = Math.max(1, Math.floor(pointsMax / POINTS))
  const encodeMs = timed(() => encodeChunk(timesUs, values), rounds)
  const decodeMs = timed(() => decodeChunk(bytes, START_US, into), rounds)
  const million = (rounds * POINTS) / 1_000
  return [
    { name: `${name}: encode`, value: million / encodeMs, unit: 'M values/s' },
    { name: `${name}: decode`, value: million / decodeMs, unit: 'M values/s' },
    { name: `${name}: size`, value: bytes.length / chunkCount(bytes), unit: 'B/value' },
  ]
}

function timed(work: () => void, rounds: number): number {
  for (let i = 0; i < Math.min(rounds, 200); i++) work()
  const start = performance.now()
  for (let i = 0; i < rounds; i++) work()
  return performance.now() - start
}
