/** `/api/v1/account/`: people and programs that log in. Each sees itself alone; staff see all. */
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { Caller } from '../../../access/caller.ts'
import { requireScope, requireStaff, requireWholeAccount } from '../../../access/permissions.ts'
import { RateLimiter } from '../../../access/rate-limit.ts'
import { registerAccount } from '../../../access/registration.ts'
import {
  type AccountChanges,
  findAccount,
  findAccountBySlug,
  listAccounts,
  updateAccount,
} from '../../../catalog/accounts.ts'
import type { AccountRow } from '../../../catalog/schema.ts'
import { ForbiddenError, InvalidError, NotFoundError } from '../../../errors.ts'
import { US_PER_HOUR } from '../../../model/time.ts'
import { callerOf, findCaller } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { AccountView, accountView } from '../views/account.ts'

const tags = ['account']
const AccountPath = Type.Object({ slug: Type.String() })

const Username = Type.String({ minLength: 1, maxLength: 150, description: 'Without blanks' })
const Email = Type.String({ minLength: 1, maxLength: 254 })
const Name = Type.String({ maxLength: 250 })

const NewAccountBody = Type.Object(
  {
    username: Username,
    email: Email,
    password: Type.String(),
    confirm_password: Type.Optional(Type.String()),
    name: Type.Optional(Name),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const AccountBody = Type.Object(
  {
    username: Type.Optional(Username),
    email: Type.Optional(Email),
    name: Type.Optional(Name),
    tagline: Type.Optional(Type.String({ maxLength: 250 })),
    is_staff: Type.Optional(Type.Boolean({ description: 'Changed by staff, for others' })),
    is_active: Type.Optional(Type.Boolean({ description: 'Changed by staff, for others' })),
  },
  UNKNOWN_FIELDS_IGNORED,
)

/** Attempts of one address in an hour, where registration is open: each costs a hash, and tells whether a name is taken. */
const REGISTRATIONS_MAX = 20

export function publicAccountRoutes(http: RestHttp, services: RestServices): void {
  const { authenticator, catalog, clock, config, passwords } = services
  const registrations = new RateLimiter({
    perAccountMax: REGISTRATIONS_MAX,
    perAddressMax: REGISTRATIONS_MAX,
    windowUs: US_PER_HOUR,
    counted: 'registrations',
    clock,
  })

  http.post(
    '/account/',
    {
      schema: {
        tags,
        summary: 'Create an account',
        description:
          'Staff create accounts that may log in at once. Where registration is open, anybody creates one, ' +
          'which waits until staff set its `is_active`.',
        body: NewAccountBody,
        response: { 201: AccountView },
      },
    },
    async (request, reply) => {
      const caller = await findCaller(authenticator, request)
      if (caller?.isStaff) requireStaff(caller)
      else if (config.registration === 'closed') {
        throw new ForbiddenError('Registration is closed; ask the staff of this server for an account.')
      }
      const { username, email, password, confirm_password = password, name = '' } = request.body
      if (!caller?.isStaff) {
        registrations.check({ address: request.ip })
        registrations.failed({ address: request.ip })
      }
      if (password !== confirm_password) throw new RestAnswer(400, ['Passwords did not match'])
      const account = await registerAccount(
        { db: catalog, passwords, clock },
        { username, email, name, password, isActive: caller?.isStaff === true },
      )
      return reply.code(201).send(accountView(account))
    },
  )
}

export function accountRoutes(http: RestHttp, services: RestServices): void {
  const { authenticator, catalog, clock } = services

  http.get(
    '/account/',
    {
      schema: {
        tags,
        summary: 'List accounts: your own',
        querystring: Type.Object({
          ...PageQuery,
          staff: Type.Optional(Type.String({ description: '`1`: all accounts, for staff' })),
        }),
        response: { 200: PageOf(AccountView) },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      requireScope(caller, 'read')
      const isForAll = request.query.staff === '1' && seesAll(caller)
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), async (page) => {
        if (isForAll) return listAccounts(catalog, page)
        const own = await findAccount(catalog, caller.accountId)
        return { count: 1, rows: own && page.offset === 0 ? [own] : [] }
      })
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(accountView) })
    },
  )

  http.get(
    '/account/:slug/',
    { schema: { tags, summary: 'Read an account', params: AccountPath, response: { 200: AccountView } } },
    async (request) => accountView(await accountOfPath(services, request, request.params.slug)),
  )

  http.route({
    method: ['PUT', 'PATCH'],
    url: '/account/:slug/',
    schema: {
      tags,
      summary: 'Change an account; fields left out stay as they are',
      params: AccountPath,
      body: AccountBody,
      response: { 200: AccountView },
    },
    handler: async (request) => {
      const caller = callerOf(request)
      const account = await accountOfPath(services, request, request.params.slug)
      requireWholeAccount(caller)
      const changes = readChanges(request.body)
      checkFlags(caller, account, changes)
      const changed = await updateAccount(catalog, { id: account.id, nowUs: clock.nowUs() }, changes)
      authenticator.forgetAccount(account.id)
      return accountView(changed)
    },
  })

  http.post(
    '/account/:slug/set_password/',
    {
      schema: {
        tags,
        summary: 'Set the password of an account; all of its sessions end',
        params: AccountPath,
        body: Type.Object({ password: Type.String() }),
        response: { 201: Type.Object({ status: Type.String() }) },
      },
    },
    async (request, reply) => {
      const { id: accountId } = await accountOfPath(services, request, request.params.slug)
      const { password } = request.body
      await authenticator.changePassword(callerOf(request), { accountId, password })
      return reply.code(201).send({ status: 'password set' })
    },
  )
}

/** @throws {NotFoundError} no such account, or another than the caller's own. */
export async function accountOfPath(
  { catalog }: RestServices,
  request: FastifyRequest,
  slug: string,
): Promise<AccountRow> {
  const caller = callerOf(request)
  requireScope(caller, 'read')
  const account = await findAccountBySlug(catalog, slug)
  if (!account || (account.id !== caller.accountId && !seesAll(caller))) throw new NotFoundError()
  return account
}

/** A token of staff that is limited to a device, say, has nothing to do with accounts. */
function seesAll({ isStaff, limit }: Caller): boolean {
  return isStaff && limit === undefined
}

/**
 * Nobody changes their own flags, so that the last of the staff cannot lock everybody out. An account that
 * is sent back as it was read changes none.
 */
function checkFlags(caller: Caller, account: AccountRow, changes: AccountChanges): void {
  for (const flag of ['is_staff', 'is_active'] as const) {
    if (changes[flag] === undefined || changes[flag] === account[flag]) continue
    requireStaff(caller)
    if (account.id === caller.accountId) throw InvalidError.field(flag, 'Somebody else must change this.')
  }
}

function readChanges({ is_staff, is_active, ...same }: Static<typeof AccountBody>): AccountChanges {
  return {
    ...same,
    ...(is_staff === undefined ? {} : { is_staff: Number(is_staff) }),
    ...(is_active === undefined ? {} : { is_active: Number(is_active) }),
  }
}
