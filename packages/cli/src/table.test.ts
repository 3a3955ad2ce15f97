import { describe, expect, it } from 'vitest'
import { type Cell, tableLines } from './table.ts'

async function table(headers: string[], rows: Cell[][]): Promise<string[]> {
  return Array.fromAsync(
    tableLines(
      headers,
      (async function* () {
        yield* rows
      })(),
    ),
  )
}

describe('tableLines', () => {
  it('makes columns as wide as what stands in them, with numbers to the right', async () => {
    const rows = [
      ['2024-05-01T00:00:00Z', 'boiler', 20.5],
      ['2024-05-01T00:01:00Z', null, -100],
      ['2024-05-01T00:02:00Z', 'pump', 'on'],
    ]
    expect(await table(['time', 'device', 'value'], rows)).toEqual([
      'time                  device  value',
      '────────────────────  ──────  ─────',
      '2024-05-01T00:00:00Z  boiler   20.5',
      '2024-05-01T00:01:00Z           -100',
      '2024-05-01T00:02:00Z  pump    on',
    ])
  })

  it('keeps control characters off the terminal', async () => {
    expect((await table(['x'], [['\u001b[31mred\n\u0007']])).at(-1)).toBe('·[31mred··')
  })

  it('shows headers alone without rows', async () => {
    expect(await table(['a', 'bc'], [])).toEqual(['a  bc', '─  ──'])
  })

  it('prints what comes after the first thousand rows in their widths', async () => {
    const rows = Array.from({ length: 1_500 }, (_, i): Cell[] => [i < 1_400 ? 7 : 12_345, 'x'])
    const lines = await table(['n', 'm'], rows)
    expect(lines).toHaveLength(1_502)
    expect([lines[2], lines[1_200], lines[1_501]]).toEqual(['7  x', '7  x', '12345  x'])
  })
})
