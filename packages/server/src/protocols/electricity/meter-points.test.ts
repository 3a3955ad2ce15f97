import { describe, expect, it } from 'vitest'
import type { NewConsumpRow } from '../../catalog/consumpdata.ts'
import { pointBatches } from './meter-points.ts'

const STREAMS = Uint32Array.of(11, 12, 13, 14, 15, 16, 17, 18)

function row(cells: Partial<NewConsumpRow>): NewConsumpRow {
  const empty = { energy: null, reactive_energy: null, power: null, maximeter: null }
  return {
    date: '2019-08-01 00:00:00',
    ...empty,
    reactive_power: null,
    voltage: null,
    intensity: null,
    power_factor: null,
    ...cells,
  }
}

describe('pointBatches', () => {
  it('makes a point of every cell that is not empty', () => {
    const rows = [
      row({ energy: '1.21100', power_factor: '-0.10000' }),
      row({}),
      row({ reactive_power: '-8.38200' }),
    ]
    const [batch, ...more] = pointBatches(STREAMS, { rows, timesUs: [10, 20, 30] })
    expect(batch).toEqual({
      streamIds: Uint32Array.of(11, 18, 15),
      timesUs: Float64Array.of(10, 10, 30),
      values: Float64Array.of(1.211, -0.1, -8.382),
    })
    expect(more).toEqual([])
  })

  it('makes no batch without points', () => {
    expect([...pointBatches(STREAMS, { rows: [], timesUs: [] })]).toEqual([])
    expect([...pointBatches(STREAMS, { rows: [row({})], timesUs: [10] })]).toEqual([])
  })

  it('cuts long files into batches that a store takes', () => {
    const rows = Array<NewConsumpRow>(50_001).fill(row({ energy: '1.00000' }))
    const batches = [...pointBatches(STREAMS, { rows, timesUs: rows.map((_, index) => index) })]
    expect(batches.map(({ timesUs }) => [timesUs.length, timesUs[0]])).toEqual([
      [50_000, 0],
      [1, 50_000],
    ])
  })
})
