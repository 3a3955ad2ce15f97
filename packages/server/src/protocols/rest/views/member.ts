import type { Static } from 'typebox'
import { parseRole, ROLES } from '../../../catalog/members.ts'
import type { AccountRow, MemberRow } from '../../../catalog/schema.ts'
import { Type } from '../schema.ts'

export const RoleView = Type.Enum(ROLES, {
  description: '`a0` owner, `a1` admin, `m1` member, `r1` operator, `d1` developer, `s0` support',
})

export const MemberView = Type.Object({
  user: Type.String({ description: 'Slug of the account' }),
  username: Type.String(),
  role: RoleView,
  is_active: Type.Boolean({ description: 'A member who is not active has no access' }),
})

export function memberView(
  { role, is_active }: Pick<MemberRow, 'role' | 'is_active'>,
  { slug, username }: Pick<AccountRow, 'slug' | 'username'>,
): Static<typeof MemberView> {
  return { user: slug, username, role: parseRole(role), is_active: is_active === 1 }
}
