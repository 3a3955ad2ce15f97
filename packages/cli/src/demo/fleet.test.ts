import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FLEET, readingsAt, STREAM_COUNT } from './fleet.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from './weather.ts'

const JULY = Date.UTC(2026, 6, 14)
const JANUARY = Date.UTC(2026, 0, 14)

function mean(device: string, variable: string, fromMs: number, toMs: number): number {
  const read = FLEET.find(({ name }) => name === device)!.variables[variable]
  const values: number[] = []
  for (let timeMs = fromMs; timeMs < toMs; timeMs += 10 * MINUTE_MS) values.push(Number(read(timeMs)))
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Mean over thirty days of the same hours. */
function monthly(device: string, variable: string, startMs: number, hour: number): number {
  const days = Array.from({ length: 30 }, (_, i) => startMs + i * DAY_MS + hour * HOUR_MS)
  return days.reduce((sum, at) => sum + mean(device, variable, at, at + HOUR_MS), 0) / days.length
}

describe('the fleet of the demo', () => {
  it('is a dozen devices', () => {
    expect([FLEET.length, STREAM_COUNT]).toEqual([12, 29])
  })

  it('says the same of a moment whenever it is asked', () => {
    expect([...readingsAt(JULY)]).toEqual([...readingsAt(JULY)])
    expect([...readingsAt(JULY)].slice(0, 4).map(({ value }) => value)).toMatchInlineSnapshot(`
      [
        18.5,
        71,
        0,
        0.7,
      ]
    `)
  })

  it.each<[string, string, [number, number]]>([
    ['weather station', 'temperature', [-20, 45]],
    ['weather station', 'humidity', [15, 100]],
    ['weather station', 'sunlight', [0, 1_050]],
    ['weather station', 'wind', [0, 8]],
    ['greenhouse south', 'temperature', [0, 55]],
    ['greenhouse south', 'humidity', [30, 98]],
    ['greenhouse south', 'soil moisture', [20, 45]],
    ['roof vent', 'opening', [0, 100]],
    ['heat pump', 'power', [10, 4_000]],
    ['heat pump', 'flow temperature', [22, 60]],
    ['living room', 'temperature', [15, 30]],
    ['living room', 'co2', [400, 1_100]],
    ['fridge', 'temperature', [3, 6]],
    ['solar inverter', 'power', [0, 4_100]],
    ['power meter', 'power', [50, 3_000]],
    ['water meter', 'flow', [0, 10]],
    ['front door', 'battery', [2.5, 3.1]],
  ])('keeps %s %s within what there is', (device, variable, [low, high]) => {
    const read = FLEET.find(({ name }) => name === device)!.variables[variable]
    fc.assert(
      fc.property(fc.integer({ min: 1.6e12, max: 2.2e12 }), (timeMs) => {
        const value = read(timeMs)
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThanOrEqual(high)
      }),
    )
  })

  it.each([
    ['power meter', 'energy'],
    ['water meter', 'total'],
  ])('counts %s %s upwards', (device, variable) => {
    const read = FLEET.find(({ name }) => name === device)!.variables[variable]
    for (let timeMs = JULY; timeMs < JULY + 2 * DAY_MS; timeMs += 5 * MINUTE_MS) {
      expect(Number(read(timeMs + 5 * MINUTE_MS))).toBeGreaterThanOrEqual(Number(read(timeMs)))
    }
  })

  it('has days and seasons', () => {
    expect(monthly('weather station', 'temperature', JULY, 15)).toBeGreaterThan(
      monthly('weather station', 'temperature', JULY, 4) + 4,
    )
    expect(monthly('weather station', 'temperature', JULY, 15)).toBeGreaterThan(
      monthly('weather station', 'temperature', JANUARY, 15) + 10,
    )
    expect(monthly('solar inverter', 'power', JULY, 12)).toBeGreaterThan(
      monthly('solar inverter', 'power', JANUARY, 12),
    )
    expect(monthly('solar inverter', 'power', JULY, 1)).toBe(0)
    expect(monthly('heat pump', 'power', JANUARY, 5)).toBeGreaterThan(
      monthly('heat pump', 'power', JULY, 12) + 300,
    )
    expect(monthly('greenhouse south', 'temperature', JULY, 12)).toBeGreaterThan(
      monthly('weather station', 'temperature', JULY, 12),
    )
    expect(monthly('bedroom', 'co2', JULY, 3)).toBeGreaterThan(monthly('bedroom', 'co2', JULY, 13) + 300)
  })
})
