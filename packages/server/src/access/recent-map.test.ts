import { expect, it } from 'vitest'
import { TestClock } from './access.fixture.ts'
import { RecentMap } from './recent-map.ts'

function open() {
  const clock = new TestClock()
  return { clock, map: new RecentMap<string, number>({ entriesMax: 3, ageUsMax: 100, clock }) }
}

it('drops what was used longest ago when it is full', () => {
  const { map } = open()
  map.set('a', 1)
  map.set('b', 2)
  map.set('c', 3)
  map.get('a')
  map.set('d', 4)
  expect(['a', 'b', 'c', 'd'].map((key) => map.get(key))).toEqual([1, undefined, 3, 4])
  expect(map.size).toBe(3)
})

it('drops what is too old, however often it was used', () => {
  const { map, clock } = open()
  map.set('a', 1)
  clock.advance(99)
  expect(map.get('a')).toBe(1)
  clock.advance(1)
  expect(map.get('a')).toBeUndefined()
  expect(map.size).toBe(0)
})

it('counts the age anew when an entry is set again', () => {
  const { map, clock } = open()
  map.set('a', 1)
  clock.advance(99)
  map.set('a', 2)
  clock.advance(99)
  expect(map.get('a')).toBe(2)
})

it('does not keep what was read before something was forgotten', () => {
  const { map } = open()
  const { epoch } = map
  map.setRead('a', 1, epoch)
  map.delete('b')
  map.setRead('b', 2, epoch)
  expect([map.get('a'), map.get('b')]).toEqual([1, undefined])
  map.deleteWhere((value) => value === 1)
  map.setRead('c', 3, epoch)
  expect(map.size).toBe(0)
})
