import { describe, expect, it } from 'vitest'
import { stream } from './query.fixture.ts'
import type { Grouping } from './query-request.ts'
import { groupStreams } from './stream-groups.ts'

const STREAMS = [
  stream(1, { device: 1, variable: 1 }),
  stream(2, { device: 1, variable: 2 }),
  stream(3, { device: 2, variable: 1 }),
  stream(4, { device: 0, variable: 2 }),
]

function grouped(by: Grouping, streams = STREAMS) {
  return groupStreams(streams, by).map(({ streams, labels }) => ({
    ids: streams.map(({ id }) => id),
    ...labels,
  }))
}

describe('groups of streams', () => {
  it('are the streams themselves', () => {
    expect(grouped('stream', [STREAMS[2], STREAMS[3]])).toEqual([
      { ids: [3], stream: 's--3', device: 'Device 2', variable: 'variable1', project: 'Project 1' },
      { ids: [4], stream: 's--4', device: undefined, variable: 'variable2', project: 'Project 1' },
    ])
  })

  it('are named after what their streams share', () => {
    expect(grouped('device')).toEqual([
      { ids: [1, 2], stream: undefined, device: 'Device 1', variable: undefined, project: 'Project 1' },
      { ids: [3], stream: 's--3', device: 'Device 2', variable: 'variable1', project: 'Project 1' },
      { ids: [4], stream: 's--4', device: undefined, variable: 'variable2', project: 'Project 1' },
    ])
    expect(grouped('variable')).toEqual([
      { ids: [1, 3], stream: undefined, device: undefined, variable: 'variable1', project: 'Project 1' },
      { ids: [2, 4], stream: undefined, device: undefined, variable: 'variable2', project: 'Project 1' },
    ])
  })

  it('keep projects apart, also under the same names', () => {
    const streams = [stream(1), stream(5, { project: 2, device: 3 }), stream(6, { project: 2, device: 0 })]
    expect(grouped('variable', streams).map(({ ids, project }) => [ids, project])).toEqual([
      [[1], 'Project 1'],
      [[5, 6], 'Project 2'],
    ])
    expect(grouped('none', streams)).toEqual([
      { ids: [1, 5, 6], stream: undefined, device: undefined, variable: undefined, project: undefined },
    ])
  })

  it('have a stream once that was asked for twice', () => {
    expect(grouped('none', [STREAMS[0], STREAMS[0]]).map(({ ids }) => ids)).toEqual([[1]])
  })
})
