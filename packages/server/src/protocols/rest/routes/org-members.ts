/** `/api/v1/org/<slug>/members/` and its neighbours: who belongs to an organisation, and as what. */
import type { FastifyRequest } from 'fastify'
import { findAccountByEmail } from '../../../catalog/accounts.ts'
import { findMember, listMembers, type Role } from '../../../catalog/members.ts'
import type { AccountRow, MemberRow, OrgRow } from '../../../catalog/schema.ts'
import { ForbiddenError, InvalidError, NotFoundError } from '../../../errors.ts'
import { callerOf } from '../caller.ts'
import { orgOfPath } from '../lookup.ts'
import { accountByText, membershipOf } from '../membership.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { MemberView, memberView, RoleView } from '../views/member.ts'
import { OrgPath } from './org.ts'

const tags = ['org']
const MemberPath = Type.Object({
  ...OrgPath.properties,
  account: Type.String({ description: 'Slug, user name or e-mail address' }),
})

const NewMemberBody = Type.Object(
  {
    user: Type.String({ description: 'Slug, user name or e-mail address of an account' }),
    role: RoleView,
  },
  UNKNOWN_FIELDS_IGNORED,
)
const InvitationBody = Type.Object(
  {
    email: Type.String({ description: 'Of an account' }),
    role: Type.Optional(RoleView),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const MemberBody = Type.Object(
  {
    role: Type.Optional(RoleView),
    is_active: Type.Optional(Type.Boolean()),
  },
  UNKNOWN_FIELDS_IGNORED,
)

const OWNER: Role = 'a0'
const MEMBER: Role = 'm1'

export function orgMemberRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, memberships } = services

  http.get(
    '/org/:slug/members/',
    {
      schema: {
        tags,
        summary: 'List the members of an organization by user name',
        params: OrgPath,
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(MemberView) },
      },
    },
    async (request) => {
      const { id } = await orgOfPath(services, request, { ...request.params, permission: 'view' })
      requireWholeOrg(request)
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listMembers(catalog, { orgId: id }, page),
      )
      const results = rows.map((row) => memberView(row, row))
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.get(
    '/org/:slug/membership/',
    {
      schema: {
        tags,
        summary: 'Read as what you belong to an organization',
        params: OrgPath,
        response: { 200: MemberView },
      },
    },
    async (request) => {
      const { id } = await orgOfPath(services, request, { ...request.params, permission: 'view' })
      const own = await membershipOf(services, { orgId: id, accountId: callerOf(request).accountId })
      if (!own) throw new NotFoundError()
      return own
    },
  )

  http.post(
    '/org/:slug/register/',
    {
      schema: {
        tags,
        summary: 'Add a member to an organization',
        params: OrgPath,
        body: NewMemberBody,
        response: { 201: MemberView },
      },
    },
    async (request, reply) => {
      const org = await orgOfPath(services, request, { ...request.params, permission: 'manage_org' })
      const { user, role } = request.body
      if (role === OWNER) await requireOwner(services, request, org)
      const account = await accountByText(services, user)
      if (!account) throw InvalidError.field('user', 'There is no such user.')
      const row = await memberships.add({ orgId: org.id, accountId: account.id, role })
      return reply.code(201).send(memberView(row, account))
    },
  )

  http.post(
    '/org/:slug/invite/',
    {
      schema: {
        tags,
        summary:
          'Add the account of an e-mail address to an organization, as a member (`m1`) unless a role is given',
        description: 'Sonde sends no mail. For a person without an account, staff make one first.',
        params: OrgPath,
        body: InvitationBody,
        response: { 201: MemberView },
      },
    },
    async (request, reply) => {
      const org = await orgOfPath(services, request, { ...request.params, permission: 'manage_org' })
      const { email, role = MEMBER } = request.body
      if (role === OWNER) await requireOwner(services, request, org)
      const account = await findAccountByEmail(catalog, email)
      if (!account) {
        const reason = 'No account has this e-mail address. Let staff make one, then invite again.'
        throw InvalidError.field('email', reason)
      }
      const row = await memberships.add({ orgId: org.id, accountId: account.id, role })
      return reply.code(201).send(memberView(row, account))
    },
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/org/:slug/members/:account/',
    schema: {
      tags,
      summary: 'Give a member of an organization another role, or switch their access off and on',
      params: MemberPath,
      body: MemberBody,
      response: { 200: MemberView },
    },
    handler: async (request) => {
      const { org, account, member } = await memberOfPath(services, request, request.params)
      const { role, is_active } = request.body
      if (role === OWNER || member.role === OWNER) await requireOwner(services, request, org)
      const changes = {
        ...(role === undefined ? {} : { role }),
        ...(is_active === undefined ? {} : { is_active: Number(is_active) }),
      }
      const changed = await memberships.change({ orgId: org.id, accountId: account.id }, changes)
      return memberView(changed, account)
    },
  })

  http.delete(
    '/org/:slug/members/:account/',
    {
      schema: {
        tags,
        summary: 'Remove a member from an organization',
        params: MemberPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { org, account, member } = await memberOfPath(services, request, request.params)
      if (member.role === OWNER) await requireOwner(services, request, org)
      await memberships.remove({ orgId: org.id, accountId: account.id })
      return reply.code(204).send(null)
    },
  )
}

/** A member whom the caller may change. @throws {NotFoundError} no such organisation or member. */
async function memberOfPath(
  services: RestServices,
  request: FastifyRequest,
  { slug, account: text }: { slug: string; account: string },
): Promise<{ org: OrgRow; account: AccountRow; member: MemberRow }> {
  const org = await orgOfPath(services, request, { slug, permission: 'manage_org' })
  const account = await accountByText(services, text)
  const member = account && (await findMember(services.catalog, { orgId: org.id, accountId: account.id }))
  if (!account || !member) throw new NotFoundError()
  return { org, account, member }
}

/** Owners are made and unmade by owners: whoever manages members cannot make themselves one. */
async function requireOwner(
  { memberships }: RestServices,
  request: FastifyRequest,
  { id }: OrgRow,
): Promise<void> {
  const { accountId, isStaff } = callerOf(request)
  if (isStaff || (await memberships.roleOf({ orgId: id, accountId })) === OWNER) return
  throw new ForbiddenError('Only an owner may make, change or remove an owner.')
}

/** A token that is stuck in one device need not know the names of people. */
function requireWholeOrg(request: FastifyRequest): void {
  const { limit } = callerOf(request)
  if (limit?.projectId !== undefined || limit?.deviceId !== undefined) throw new ForbiddenError()
}
