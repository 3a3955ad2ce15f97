import { describe, expect, it } from 'vitest'
import { orderedUuid } from './ordered-uuid.ts'

describe('orderedUuid', () => {
  it('is of version 7, and the order is that of time', () => {
    const nowMs = Date.UTC(2026, 0, 1)
    const uuids = Array.from({ length: 2_000 }, (_, i) => orderedUuid(nowMs + i))
    for (const uuid of uuids) {
      expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    }
    expect([...uuids].sort()).toEqual(uuids)
    expect(Number.parseInt(uuids[0].replace('-', '').slice(0, 12), 16)).toBe(nowMs)
  })

  it('differs also within a millisecond', () => {
    expect(new Set(Array.from({ length: 5_000 }, () => orderedUuid(0))).size).toBe(5_000)
  })
})
