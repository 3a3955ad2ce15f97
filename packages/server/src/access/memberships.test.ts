import { expect, it } from 'vitest'
import { addAccount } from '../catalog/catalog.fixture.ts'
import { addMember, changeMember } from '../catalog/members.ts'
import { US_PER_S } from '../model/time.ts'
import { openTestAccess } from './access.fixture.ts'

async function openMembership() {
  const access = await openTestAccess()
  const morty = await addAccount(access.db, 'morty')
  return { ...access, key: { orgId: access.org.id, accountId: morty.id } }
}

it('sees changes made through it at once', async () => {
  const { memberships, key } = await openMembership()
  expect(await memberships.roleOf(key)).toBeUndefined()
  await memberships.add({ ...key, role: 'm1' })
  expect(await memberships.roleOf(key)).toBe('m1')
  await memberships.change(key, { role: 'd1' })
  expect(await memberships.roleOf(key)).toBe('d1')
  await memberships.change(key, { is_active: 0 })
  expect(await memberships.roleOf(key)).toBeUndefined()
  await memberships.change(key, { is_active: 1 })
  await memberships.remove(key)
  expect(await memberships.roleOf(key)).toBeUndefined()
})

it('sees changes made elsewhere after ten seconds, and new members at once', async () => {
  const { db, clock, memberships, key } = await openMembership()
  expect(await memberships.roleOf(key)).toBeUndefined()
  await addMember(db, { ...key, role: 'm1', nowUs: 0 })
  expect(await memberships.roleOf(key)).toBe('m1')
  await changeMember(db, key, { role: 'r1' })
  expect(await memberships.roleOf(key)).toBe('m1')
  clock.advance(10 * US_PER_S)
  expect(await memberships.roleOf(key)).toBe('r1')
})

it('does not keep a role that was read while it was being changed', async () => {
  const { memberships, key } = await openMembership()
  await memberships.add({ ...key, role: 'm1' })
  const reading = memberships.roleOf(key)
  await memberships.change(key, { role: 'r1' })
  await reading
  expect(await memberships.roleOf(key)).toBe('r1')
})
