import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { jsonList } from './json-list.ts'

describe('jsonList', () => {
  it.each([0, 1, 2, 999, 1_000, 1_001, 2_500])('writes %i rows as JSON.stringify does', async (count) => {
    const rows = Array.from({ length: count }, (_, index) => ({ id: index + 1, tag: `"${index}"\n` }))
    const list = jsonList(
      async ({ afterId, limit }) => rows.slice(afterId, afterId + limit),
      (row) => row,
    )
    expect(await text(list)).toBe(JSON.stringify(rows, null, 2))
  })
})
