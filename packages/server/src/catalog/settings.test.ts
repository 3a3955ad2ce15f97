import { expect, it } from 'vitest'
import { openTestCatalog } from './catalog.fixture.ts'
import { getOrCreateSecret, getSetting, setSetting, setSettingOnce } from './settings.ts'

it('keeps the value that was set last', async () => {
  const db = await openTestCatalog()
  expect(await getSetting(db, 'motto')).toBeUndefined()
  await setSetting(db, { name: 'motto', value: 'measure' })
  await setSetting(db, { name: 'motto', value: 'keep' })
  expect(await getSetting(db, 'motto')).toBe('keep')
})

it('sets once what is set once', async () => {
  const db = await openTestCatalog()
  const claims = [1, 2, 3].map((i) => setSettingOnce(db, { name: 'motto', value: `${i}` }))
  expect((await Promise.all(claims)).filter((isMine) => isMine)).toHaveLength(1)
})

it('makes a secret at the first call and returns the same ever after', async () => {
  const db = await openTestCatalog()
  const calls = [1, 2, 3].map(() => getOrCreateSecret(db, { name: 'key', sizeBytes: 32 }))
  const [first, ...others] = await Promise.all(calls)
  expect(first).toHaveLength(32)
  for (const other of others) expect(other).toEqual(first)
  expect(await getOrCreateSecret(db, { name: 'other', sizeBytes: 32 })).not.toEqual(first)
})
