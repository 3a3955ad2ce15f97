import { describe, expect, it } from 'vitest'
import { NO_KEY, SeriesTable } from './series-table.ts'

const bytes = (text: string) => Buffer.from(text)

function add(table: SeriesTable, parent: number, text: string): number {
  return table.add(parent, bytes(text), 0, text.length)
}

function find(table: SeriesTable, parent: number, text: string): number {
  return table.find(parent, bytes(text), 0, text.length)
}

describe('series table', () => {
  it('finds what was added below the same parent, and nothing else', () => {
    const table = new SeriesTable()
    const [one, two] = [table.project(1), table.project(2)]
    expect(table.project(1)).toBe(one)
    const cpu = add(table, one, 'cpu')
    expect(find(table, one, 'cpu')).toBe(cpu)
    expect(find(table, two, 'cpu')).toBe(NO_KEY)
    expect(find(table, one, 'cp')).toBe(NO_KEY)
    expect(find(table, one, 'cpu ')).toBe(NO_KEY)
    expect(find(table, one, '')).toBe(NO_KEY)
    expect(String(table.bytesOf(cpu))).toBe(String(Uint8Array.from(bytes('cpu'))))
    expect(table.parent(cpu)).toBe(one)
  })

  it('keeps its keys and what is known of them while it grows', () => {
    const table = new SeriesTable()
    const project = table.project(7)
    const names = Array.from({ length: 20_000 }, (_, i) => `series-${i}`)
    const keys = names.map((name, i) => {
      const key = add(table, project, name)
      table.setStreamId(key, i + 1)
      table.setFollowing(key, i)
      table.setFirst(key, i)
      return key
    })
    expect(names.map((name) => find(table, project, name))).toEqual(keys)
    expect(keys.map((key) => table.streamId(key))).toEqual(names.map((_, i) => i + 1))
    expect(keys.map((key) => table.following(key))).toEqual(names.map((_, i) => i))
    expect(keys.map((key) => table.first(key))).toEqual(names.map((_, i) => i))
    expect(table.keyCount).toBe(20_001)
    expect(table.keyBytes).toBe(names.join('').length)
  })

  it('says where a key ends that stands somewhere', () => {
    const table = new SeriesTable()
    const key = add(table, table.project(1), 'cpu')
    expect(table.endIfAt(key, bytes('xcpu'), 1, 4)).toBe(4)
    expect(table.endIfAt(key, bytes('xcpu'), 1, 3)).toBe(-1)
    expect(table.endIfAt(key, bytes('xcpv'), 1, 4)).toBe(-1)
  })

  it('forgets streams and keeps keys', () => {
    const table = new SeriesTable()
    const key = add(table, table.project(1), 'cpu')
    table.setStreamId(key, 5)
    table.forgetStreams()
    expect(table.streamId(key)).toBe(0)
    expect(find(table, table.project(1), 'cpu')).toBe(key)
  })
})
