/** Accounts as members of an organisation. */
import type { Static } from 'typebox'
import { findAccount, findAccountByLoginName, findAccountBySlug } from '../../catalog/accounts.ts'
import { findMember, type MemberKey } from '../../catalog/members.ts'
import type { AccountRow } from '../../catalog/schema.ts'
import type { RestServices } from './services.ts'
import { type MemberView, memberView } from './views/member.ts'

/** Null for an account that is no member. */
export async function membershipOf(
  { catalog }: RestServices,
  key: MemberKey,
): Promise<Static<typeof MemberView> | null> {
  const member = await findMember(catalog, key)
  const account = await findAccount(catalog, key.accountId)
  return member && account ? memberView(member, account) : null
}

/** By slug, user name or e-mail address. No two accounts can be meant: user names with one slug are one name. */
export async function accountByText(
  { catalog }: RestServices,
  text: string,
): Promise<AccountRow | undefined> {
  return (await findAccountByLoginName(catalog, text)) ?? findAccountBySlug(catalog, text)
}
