import { describe, expect, it } from 'vitest'
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { addAccount, addOwner, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import { addMember, findMember } from './members.ts'
import { createOrg, deleteOrg, findOrg, findOrgBySlug, findOrgsByIds, listOrgs, updateOrg } from './orgs.ts'
import { deleteProject } from './projects.ts'
import type { CatalogDb } from './schema.ts'
import { createToken, findTokenByHash } from './tokens.ts'

async function addOrg(db: CatalogDb, name: string, accountId: number) {
  return createOrg(db, { name, created_by: accountId, created_at_us: 3 })
}

describe('createOrg', () => {
  it('takes its slug from the name and makes the creator its owner', async () => {
    const db = await openTestCatalog()
    const account = await addAccount(db, 'rick')
    const org = await addOrg(db, 'My new Org', account.id)
    expect(org).toMatchObject({ name: 'My new Org', slug: 'my-new-org', ot: null, about: '' })
    expect(await findMember(db, { orgId: org.id, accountId: account.id })).toEqual({
      org_id: org.id,
      account_id: account.id,
      role: 'a0',
      is_active: 1,
      created_at_us: 3,
    })
  })

  it('refuses a second one of the same slug, and leaves no membership behind', async () => {
    const db = await openTestCatalog()
    const account = await addAccount(db, 'rick')
    await addOrg(db, 'My new Org', account.id)
    const again = addOrg(db, 'my NEW org!', account.id)
    await expect(again).rejects.toThrow(ConflictError)
    await expect(again).rejects.toThrow('Organization with this Name produces duplicate slug.')
    await expect(addOrg(db, '!!!', account.id)).rejects.toThrow(InvalidError)
    expect(await db.selectFrom('members').selectAll().execute()).toHaveLength(1)
  })

  it('leaves no organisation when the owner cannot be added', async () => {
    const db = await openTestCatalog()
    await expect(addOrg(db, 'Nobody', 99)).rejects.toThrow(/FOREIGN KEY/)
    expect(await findOrgBySlug(db, 'nobody')).toBeUndefined()
  })
})

it('lists the organisations that an account is an active member of, by name', async () => {
  const db = await openTestCatalog()
  const rick = await addAccount(db, 'rick')
  const morty = await addAccount(db, 'morty')
  const [b, a, c] = [
    await addOrg(db, 'Bees', rick.id),
    await addOrg(db, 'Ants', rick.id),
    await addOrg(db, 'Crickets', morty.id),
  ]
  await addMember(db, { orgId: b.id, accountId: morty.id, role: 'm1', nowUs: 0 })
  const names = async (options: Parameters<typeof listOrgs>[1]) =>
    (await listOrgs(db, options, FIRST_PAGE)).rows.map(({ name }) => name)
  expect(await names({ sight: {} })).toEqual(['Ants', 'Bees', 'Crickets'])
  expect(await names({ sight: { memberId: rick.id } })).toEqual(['Ants', 'Bees'])
  expect(await names({ sight: { memberId: morty.id } })).toEqual(['Bees', 'Crickets'])
  expect(await names({ sight: { memberId: rick.id, orgId: c.id } })).toEqual([])
  expect(await names({ sight: { orgId: a.id } })).toEqual(['Ants'])
  expect(await names({ sight: {}, filter: { search: 'ICK' } })).toEqual(['Crickets'])
  expect(await names({ sight: {}, filter: { search: '%' } })).toEqual([])
  await db.updateTable('members').set({ is_active: 0 }).where('account_id', '=', morty.id).execute()
  expect(await names({ sight: { memberId: morty.id } })).toEqual([])
  const page = await listOrgs(db, { sight: {} }, { limit: 1, offset: 1 })
  expect([page.count, page.rows.map(({ name }) => name)]).toEqual([3, ['Bees']])
  expect((await findOrgsByIds(db, [a.id, 'none', c.id])).map(({ name }) => name).sort()).toEqual([
    'Ants',
    'Crickets',
  ])
})

it('keeps the slug when the name changes', async () => {
  const db = await openTestCatalog()
  const { org } = await addOwner(db, 'rick')
  expect(await updateOrg(db, org.id, { name: 'Other', about: 'x' })).toEqual({
    ...org,
    name: 'Other',
    about: 'x',
  })
  expect(await updateOrg(db, org.id, {})).toMatchObject({ name: 'Other' })
  expect(await findOrgBySlug(db, 'Rick-Org')).toMatchObject({ id: org.id })
  await expect(updateOrg(db, 'none', { name: 'x' })).rejects.toThrow(NotFoundError)
})

it('deletes an empty organisation with its members and tokens, and no other', async () => {
  const db = await openTestCatalog()
  const { account, org, project } = await addOwner(db, 'rick')
  await createToken(db, {
    account_id: account.id,
    kind: 'api',
    name: '',
    hash: 'h',
    scopes: 'read',
    org_id: org.id,
    created_at_us: 0,
    expires_at_us: null,
  })
  await expect(deleteOrg(db, org.id)).rejects.toThrow(ConflictError)
  await deleteProject(db, project.id)
  await deleteOrg(db, org.id)
  expect(await findOrg(db, org.id)).toBeUndefined()
  expect(await findTokenByHash(db, 'h')).toBeUndefined()
  await expect(deleteOrg(db, org.id)).rejects.toThrow(NotFoundError)
})
