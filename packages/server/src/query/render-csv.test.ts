import { describe, expect, it } from 'vitest'
import { renderAnswer } from './answer-format.ts'
import { ask, collect, type PointRow, type Query, storeWith, stream } from './query.fixture.ts'

async function render(points: readonly PointRow[], query: Query): Promise<string[]> {
  const answer = await ask(await storeWith(points), query)
  const text = Buffer.concat(await collect(renderAnswer(answer, 'csv'))).toString()
  expect(text.endsWith('\r\n')).toBe(true)
  return text.slice(0, -2).split('\r\n')
}

const POINTS: PointRow[] = [
  [1, '2024-05-01T10:00:00Z', 21.5],
  [1, '2024-05-01T10:00:00.0005Z', -1e-7],
  [1, '2024-05-01T10:00:01Z', 'on'],
]

describe('CSV', () => {
  it('has a line per row under the names of the columns', async () => {
    expect(await render(POINTS, { streams: [stream(1), stream(2)] })).toEqual([
      'time,device,variable,stream,value',
      '2024-05-01T10:00:00Z,Device 1,variable1,s--1,21.5',
      '2024-05-01T10:00:00.000500Z,Device 1,variable1,s--1,-1e-7',
      '2024-05-01T10:00:01Z,Device 1,variable1,s--1,on',
    ])
  })

  it('has a column per aggregate, with empty cells for what there is not', async () => {
    const streams = [stream(1), stream(2, { device: 2, variable: 2 })]
    expect(await render(POINTS, { streams, by: 'none', every: '1s', agg: 'count,min' })).toEqual([
      'time,device,variable,stream,count,min',
      '2024-05-01T10:00:00Z,,,,2,-1e-7',
      '2024-05-01T10:00:01Z,,,,1,',
    ])
  })

  it('has the times of first and last values over a whole range', async () => {
    expect(await render(POINTS, { streams: [stream(1)], agg: 'last,count', start: '2024-05-01' })).toEqual([
      'time,device,variable,stream,last,last_time,count',
      '2024-05-01T00:00:00Z,Device 1,variable1,s--1,on,2024-05-01T10:00:01Z,3',
    ])
  })

  it('quotes cells that hold a comma, a quote or a line end', async () => {
    const streams = [{ ...stream(1), deviceName: 'Boiler, "left"', variableName: 'temp' }]
    const points: PointRow[] = [
      [1, 0, 'a,b'],
      [1, 1_000_000, 'two\nlines'],
    ]
    expect(await render(points, { streams })).toEqual([
      'time,device,variable,stream,value',
      '1970-01-01T00:00:00Z,"Boiler, ""left""",temp,s--1,"a,b"',
      '1970-01-01T00:00:01Z,"Boiler, ""left""",temp,s--1,"two\nlines"',
    ])
  })

  it('keeps spreadsheets from running names and texts, and leaves numbers alone', async () => {
    const streams = [{ ...stream(1), deviceName: '=HYPERLINK("x")', variableName: '@sum' }]
    const points: PointRow[] = [
      [1, 0, '+1'],
      [1, 1_000_000, '-cmd|x'],
      [1, 2_000_000, '\t=1'],
      [1, 3_000_000, -1],
      [1, 4_000_000, 'a=1'],
    ]
    const [, ...lines] = await render(points, { streams })
    const cells = lines.map((line) => line.slice(21))
    const labels = `"'=HYPERLINK(""x"")",'@sum,s--1`
    expect(cells).toEqual([
      `${labels},'+1`,
      `${labels},'-cmd|x`,
      `${labels},'\t=1`,
      `${labels},-1`,
      `${labels},a=1`,
    ])
  })
})
