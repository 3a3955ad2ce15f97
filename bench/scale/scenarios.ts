/** Shapes of data that put weight on one point each: many values, many series, late and corrected values. */
import type { Arrival } from '../load/loader.ts'
import type { Workload } from '../workload.ts'

export interface Scenario {
  readonly name: string
  readonly workload: Workload
  readonly arrival: Arrival
}

export const FULL_SCALE: readonly Scenario[] = scenarios({ divisor: 1 })
export const USUAL_SCALE: readonly Scenario[] = scenarios({ divisor: 50 })
/** For the tests. */
export const TINY_SCALE: readonly Scenario[] = [
  {
    name: 'late',
    workload: { deviceCount: 10, metricsPerDevice: 2, pointsPerStream: 400 },
    arrival: 'late',
  },
]

/** Fewer devices give fewer values and leave the shape of each series as it is. */
function scenarios({ divisor }: { divisor: number }): Scenario[] {
  const shape = (deviceCount: number, pointsPerStream: number): Workload => ({
    deviceCount: deviceCount / divisor,
    metricsPerDevice: 10,
    pointsPerStream,
  })
  return [
    { name: 'many values', workload: shape(1_000, 10_000), arrival: 'in-order' },
    { name: 'many series', workload: shape(20_000, 100), arrival: 'in-order' },
    { name: '5 % late, 1 % corrected', workload: shape(1_000, 2_000), arrival: 'late' },
  ]
}
