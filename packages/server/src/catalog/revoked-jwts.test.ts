import { expect, it } from 'vitest'
import { openTestCatalog } from './catalog.fixture.ts'
import { isJwtSessionRevoked, revokeJwtSession, sweepRevokedJwts } from './revoked-jwts.ts'

it('remembers a revoked session until its tokens have expired', async () => {
  const db = await openTestCatalog()
  await revokeJwtSession(db, { sessionId: 'a', expiresAtUs: 10 })
  await revokeJwtSession(db, { sessionId: 'a', expiresAtUs: 10 })
  await sweepRevokedJwts(db, 9)
  expect(await isJwtSessionRevoked(db, 'a')).toBe(true)
  expect(await isJwtSessionRevoked(db, 'b')).toBe(false)
  await sweepRevokedJwts(db, 10)
  expect(await isJwtSessionRevoked(db, 'a')).toBe(false)
})
