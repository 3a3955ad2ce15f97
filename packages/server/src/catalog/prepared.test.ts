import { describe, expect, it } from 'vitest'
import { addAccount, openTestCatalog } from './catalog.fixture.ts'
import { prepared } from './prepared.ts'

interface Wanted {
  readonly names?: readonly string[] | undefined
  readonly isStaff?: boolean
  readonly page: { readonly limit: bigint }
}

describe('prepared', () => {
  async function openCounted() {
    const db = await openTestCatalog()
    for (const name of ['ada', 'bob', 'cleo'])
      await addAccount(db, name, { is_staff: name === 'ada' ? 1 : 0 })
    let builtCount = 0
    const select = prepared((db, { names, isStaff, page }: Wanted) => {
      builtCount++
      let accounts = db.selectFrom('accounts').select('username')
      if (names !== undefined) accounts = accounts.where('username', 'in', names)
      if (isStaff !== undefined) accounts = accounts.where('is_staff', '=', isStaff ? 1 : 0)
      return accounts.orderBy('username').limit(page.limit)
    })
    const ask = async (wanted: Wanted) => (await select(db, wanted)).map(({ username }) => username).join()
    return { ask, builtCount: () => builtCount }
  }

  it('builds a statement once, and runs it with the values of each call', async () => {
    const { ask, builtCount } = await openCounted()
    expect(await ask({ names: ['ada', 'bob'], page: { limit: 9n } })).toBe('ada,bob')
    expect(await ask({ names: ['bob', 'cleo'], page: { limit: 9n } })).toBe('bob,cleo')
    expect(builtCount()).toBe(1)
  })

  it('takes another statement where other values are given, another flag, or another limit', async () => {
    const { ask, builtCount } = await openCounted()
    expect(await ask({ page: { limit: 9n } })).toBe('ada,bob,cleo')
    expect(await ask({ names: ['cleo'], page: { limit: 9n } })).toBe('cleo')
    expect(await ask({ isStaff: true, page: { limit: 9n } })).toBe('ada')
    expect(await ask({ isStaff: false, page: { limit: 9n } })).toBe('bob,cleo')
    expect(await ask({ isStaff: false, page: { limit: 1n } })).toBe('bob')
    expect(builtCount()).toBe(5)
  })

  it('builds each time for a long list', async () => {
    const { ask, builtCount } = await openCounted()
    const names = Array.from({ length: 100 }, (_, i) => `nobody ${i}`)
    for (const name of ['ada', 'bob'])
      expect(await ask({ names: [...names, name], page: { limit: 9n } })).toBe(name)
    expect(builtCount()).toBe(2)
  })
})
