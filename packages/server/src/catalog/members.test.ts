import { expect, it } from 'vitest'
import { InvalidError, NotFoundError } from '../errors.ts'
import { addAccount, addOwner, openTestCatalog } from './catalog.fixture.ts'
import {
  addMember,
  changeMember,
  findRole,
  listMembers,
  parseRole,
  type Role,
  removeMember,
} from './members.ts'

async function openOrg() {
  const db = await openTestCatalog()
  const { account: owner, org } = await addOwner(db, 'rick')
  const morty = await addAccount(db, 'morty', { email: 'm@example.org' })
  const add = (role: Role) => addMember(db, { orgId: org.id, accountId: morty.id, role, nowUs: 4 })
  return {
    db,
    add,
    owner: { orgId: org.id, accountId: owner.id },
    morty: { orgId: org.id, accountId: morty.id },
  }
}

it('adds a member once, and lists members by user name', async () => {
  const { db, add, morty } = await openOrg()
  await add('m1')
  await expect(add('a1')).rejects.toThrow(InvalidError)
  const page = await listMembers(db, morty, { limit: 1, offset: 0 })
  expect(page.count).toBe(2)
  expect(page.rows).toMatchObject([
    { username: 'morty', slug: 'morty', email: 'm@example.org', role: 'm1', is_active: 1, created_at_us: 4 },
  ])
})

it('gives a role to active members only', async () => {
  const { db, add, owner, morty } = await openOrg()
  expect(await findRole(db, owner)).toBe('a0')
  expect(await findRole(db, morty)).toBeUndefined()
  await add('d1')
  expect(await findRole(db, morty)).toBe('d1')
  await changeMember(db, morty, { is_active: 0 })
  expect(await findRole(db, morty)).toBeUndefined()
  expect(await findRole(db, { ...morty, orgId: 'none' })).toBeUndefined()
})

it('keeps the last active owner', async () => {
  const { db, add, owner, morty } = await openOrg()
  await add('m1')
  await expect(changeMember(db, owner, { role: 'a1' })).rejects.toThrow(InvalidError)
  await expect(changeMember(db, owner, { is_active: 0 })).rejects.toThrow(InvalidError)
  await expect(removeMember(db, owner)).rejects.toThrow(InvalidError)
  expect(await findRole(db, owner)).toBe('a0')

  await changeMember(db, morty, { role: 'a0' })
  expect(await changeMember(db, owner, { role: 'm1' })).toMatchObject({ role: 'm1', is_active: 1 })
  await removeMember(db, owner)
  expect(await findRole(db, owner)).toBeUndefined()
  await expect(removeMember(db, morty)).rejects.toThrow(InvalidError)
})

it('says so when somebody is no member', async () => {
  const { db, morty } = await openOrg()
  await expect(changeMember(db, morty, { role: 'a1' })).rejects.toThrow(NotFoundError)
  await expect(removeMember(db, morty)).rejects.toThrow(NotFoundError)
})

it('reads roles and refuses other texts', () => {
  expect(parseRole('r1')).toBe('r1')
  for (const text of ['', 'A0', 'owner']) expect(() => parseRole(text), text).toThrow(InvalidError)
})
