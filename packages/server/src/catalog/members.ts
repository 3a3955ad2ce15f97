/** Who belongs to an organisation, and as what. */
import { InvalidError, NotFoundError } from '../errors.ts'
import { inTransaction } from './in-transaction.ts'
import { type Page, type Paged, readPage } from './page.ts'
import type { AccountRow, CatalogDb, MemberRow } from './schema.ts'

/** Owner, admin, member, operator, developer, support. */
export const ROLES = ['a0', 'a1', 'm1', 'r1', 'd1', 's0'] as const
export type Role = (typeof ROLES)[number]

export interface MemberKey {
  readonly orgId: string
  readonly accountId: number
}

/** A membership with the names of its account. */
export type MemberWithAccount = MemberRow & Pick<AccountRow, 'username' | 'slug' | 'email' | 'name'>

/** @throws {InvalidError} not one of `ROLES`. */
export function parseRole(text: string): Role {
  const role = ROLES.find((role) => role === text)
  if (role === undefined) throw InvalidError.field('role', `"${text}" is not a valid choice.`)
  return role
}

/** @throws {InvalidError} the account is a member already. */
export async function addMember(
  db: CatalogDb,
  { orgId, accountId, role, nowUs }: MemberKey & { role: Role; nowUs: number },
): Promise<MemberRow> {
  const member = await db
    .insertInto('members')
    .values({ org_id: orgId, account_id: accountId, role, is_active: 1, created_at_us: nowUs })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (member === undefined) throw InvalidError.field('user', 'This user is a member already.')
  return member
}

export async function findMember(
  db: CatalogDb,
  { orgId, accountId }: MemberKey,
): Promise<MemberRow | undefined> {
  return db
    .selectFrom('members')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
}

/** The role of an active member; undefined for everybody else. */
export async function findRole(db: CatalogDb, key: MemberKey): Promise<Role | undefined> {
  const member = await findMember(db, key)
  return member?.is_active === 1 ? parseRole(member.role) : undefined
}

/** Members by user name. */
export async function listMembers(
  db: CatalogDb,
  { orgId }: { orgId: string },
  page: Page,
): Promise<Paged<MemberWithAccount>> {
  const matches = db
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .where('members.org_id', '=', orgId)
  return readPage(matches, page, (matches) =>
    matches
      .selectAll('members')
      .select(['accounts.username', 'accounts.slug', 'accounts.email', 'accounts.name'])
      .orderBy('accounts.username'),
  )
}

/**
 * @throws {NotFoundError} not a member.
 * @throws {InvalidError} the organisation would be left without an active owner.
 */
export async function changeMember(
  db: CatalogDb,
  { orgId, accountId }: MemberKey,
  changes: { role?: Role; is_active?: number },
): Promise<MemberRow> {
  return inTransaction(db, async (db) => {
    const member = await findMember(db, { orgId, accountId })
    if (member === undefined) throw new NotFoundError()
    const after = { role: changes.role ?? member.role, is_active: changes.is_active ?? member.is_active }
    if (!isOwner(after)) await refuseLosingLastOwner(db, member)
    return db
      .updateTable('members')
      .set(after)
      .where('org_id', '=', orgId)
      .where('account_id', '=', accountId)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/**
 * @throws {NotFoundError} not a member.
 * @throws {InvalidError} the organisation would be left without an active owner.
 */
export async function removeMember(db: CatalogDb, { orgId, accountId }: MemberKey): Promise<void> {
  await inTransaction(db, async (db) => {
    const member = await findMember(db, { orgId, accountId })
    if (member === undefined) throw new NotFoundError()
    await refuseLosingLastOwner(db, member)
    await db.deleteFrom('members').where('org_id', '=', orgId).where('account_id', '=', accountId).execute()
  })
}

function isOwner({ role, is_active }: Pick<MemberRow, 'role' | 'is_active'>): boolean {
  return role === 'a0' && is_active === 1
}

async function refuseLosingLastOwner(db: CatalogDb, member: MemberRow): Promise<void> {
  if (!isOwner(member)) return
  const other = await db
    .selectFrom('members')
    .select('account_id')
    .where('org_id', '=', member.org_id)
    .where('account_id', '!=', member.account_id)
    .where('role', '=', 'a0')
    .where('is_active', '=', 1)
    .executeTakeFirst()
  if (other === undefined) throw InvalidError.field('role', 'An organisation needs an owner.')
}
