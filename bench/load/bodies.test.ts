import { describe, expect, it } from 'vitest'
import { makeBodies, STALE } from './bodies.ts'
import { lineCount, makeIotData } from './iot-data.ts'
import { lateOrder } from './late-order.ts'

const TINY = { deviceCount: 2, metricsPerDevice: 2, pointsPerStream: 2 }

describe('bodies', () => {
  const data = { workload: TINY, cents: Int32Array.of(1_234, 5, -5, -1_234, 0, 100, 99_999, -100) }
  const text = (format: 'lines' | 'rows', linesPerBody: number) =>
    makeBodies(data, { format, linesPerBody }).map(({ bytes }) => bytes.toString())

  it('hold line protocol', () => {
    expect(text('lines', 4)).toEqual([
      'iot,host=device-00000 metric_0=12.34,metric_1=0.05 1767225600000000000\n' +
        'iot,host=device-00001 metric_0=-0.05,metric_1=-12.34 1767225600000000000\n' +
        'iot,host=device-00000 metric_0=0.00,metric_1=1.00 1767225610000000000\n' +
        'iot,host=device-00001 metric_0=999.99,metric_1=-1.00 1767225610000000000\n',
    ])
  })

  it('hold rows, cut where they are told', () => {
    expect(text('rows', 3)).toEqual([
      '0\t2026-01-01T00:00:00\t12.34\t0.05\n' +
        '1\t2026-01-01T00:00:00\t-0.05\t-12.34\n' +
        '0\t2026-01-01T00:00:10\t0.00\t1.00\n',
      '1\t2026-01-01T00:00:10\t999.99\t-1.00\n',
    ])
  })

  it('count their values', () => {
    const bodies = makeBodies(data, { format: 'rows', linesPerBody: 3 })
    expect(bodies.map(({ valueCount }) => valueCount)).toEqual([6, 2])
  })

  it('send a stale line with other values', () => {
    const order = Uint32Array.of(0, STALE)
    const [{ bytes }] = makeBodies(data, { format: 'rows', linesPerBody: 2, order })
    expect(bytes.toString()).toContain('\t12.34\t0.05\n0\t2026-01-01T00:00:00\t13.34\t1.05\n')
  })
})

describe('late order', () => {
  const workload = { deviceCount: 20, metricsPerDevice: 1, pointsPerStream: 1_000 }
  const order = [...lateOrder(workload, 10)]

  it('sends every line, and a stale one before the line that mends it', () => {
    const last = new Map(order.map((line, at) => [line, at]))
    const stale = order.filter((line) => line >= STALE)
    expect(new Set(order.filter((line) => line < STALE)).size).toBe(lineCount(workload))
    expect(stale.length).toBeGreaterThan(lineCount(workload) / 200)
    expect(order.length).toBe(lineCount(workload) + stale.length)
    for (const line of stale) {
      expect(last.get(line - STALE)! - last.get(line)!).toBeGreaterThanOrEqual(100)
    }
  })

  it('sends some lines after later ones', () => {
    const overtaken = order.filter((line, at) => at > 0 && line < STALE && order[at - 1] % STALE > line)
    expect(overtaken.length).toBeGreaterThan(lineCount(workload) / 50)
  })
})

describe('data', () => {
  it('is the same at every run', () => {
    expect(makeIotData(TINY)).toEqual(makeIotData(TINY))
  })
})
