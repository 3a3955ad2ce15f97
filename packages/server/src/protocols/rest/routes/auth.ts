/** `/api/v1/auth/`: passwords against sessions. */

import type { Caller } from '../../../access/caller.ts'
import { requireScope } from '../../../access/permissions.ts'
import { RefusedError } from '../../../access/refusal.ts'
import { findAccount } from '../../../catalog/accounts.ts'
import { callerOf, findCaller } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { AccountView, accountView } from '../views/account.ts'

const tags = ['auth']
const Credentials = Type.Object({
  email: Type.String({ description: 'E-mail address or user name' }),
  password: Type.String(),
})
const Jwt = Type.Object({ token: Type.String({ description: 'JWT' }) })
const Session = Type.Object({
  jwt: Type.String({ description: 'For 7 days; can be refreshed for 180' }),
  token: Type.String({ description: 'Opaque key, for 180 days' }),
})
const LoginView = Type.Object({ ...AccountView.properties, ...Session.properties })
const UserInfoView = Type.Object({
  ...AccountView.properties,
  jwt: Type.Optional(Type.String({ description: 'Not for a caller with an API token' })),
})

/** Credentials are looked at whatever the `Authorization` header says, so that a client may log in again. */
export function publicAuthRoutes(http: RestHttp, services: RestServices): void {
  const { authenticator, catalog } = services

  http.post(
    '/auth/login/',
    {
      schema: {
        tags,
        summary: 'Log in',
        description: 'What is wrong with the credentials is answered as a JSON string with status 401.',
        security: [],
        body: Credentials,
        response: { 200: LoginView },
      },
    },
    async (request) => {
      const { email: name, password } = request.body
      const { account, jwt, token } = await authenticator
        .login({ name, password, address: request.ip })
        .catch((error) => {
          throw error instanceof RefusedError ? new RestAnswer(401, error.message) : error
        })
      return { ...accountView(account), jwt, token }
    },
  )

  http.post(
    '/auth/api-jwt-auth/',
    {
      schema: {
        tags,
        summary: 'Log in, for a JWT alone',
        security: [],
        body: Credentials,
        response: { 200: Jwt },
      },
    },
    async (request) => {
      const { email: name, password } = request.body
      const { jwt } = await authenticator
        .login({ name, password, address: request.ip })
        .catch((error) => refuse(error, 'Unable to log in with provided credentials.'))
      return { token: jwt }
    },
  )

  http.post(
    '/auth/api-jwt-verify/',
    {
      schema: {
        tags,
        summary: 'Check that a JWT is good',
        security: [],
        body: Jwt,
        response: { 200: Jwt },
      },
    },
    async (request) => {
      const { token } = request.body
      await authenticator.verify(token).catch(refuse)
      return { token }
    },
  )

  http.post(
    '/auth/api-jwt-refresh/',
    {
      schema: {
        tags,
        summary: 'Get a new JWT for one that is still good',
        security: [],
        body: Jwt,
        response: { 200: Jwt },
      },
    },
    async (request) => {
      const token = await authenticator.refresh(request.body.token).catch(refuse)
      return { token }
    },
  )

  http.get(
    '/auth/user-info/',
    {
      schema: {
        tags,
        summary: 'Read who you are, with a new JWT',
        description: 'A caller without credentials is answered with a JSON string and status 403.',
        response: { 200: UserInfoView },
      },
    },
    async (request) => {
      const caller = await findCaller(authenticator, request)
      const account = caller && (await findAccount(catalog, caller.accountId))
      if (!caller || !account) throw new RestAnswer(403, 'User not recognized.')
      requireScope(caller, 'read')
      if (isApiToken(caller)) return accountView(account)
      return { ...accountView(account), jwt: await authenticator.issueJwt(caller) }
    },
  )
}

export function authRoutes(http: RestHttp, services: RestServices): void {
  const { authenticator } = services

  http.post(
    '/auth/logout/',
    {
      schema: {
        tags,
        summary: 'Log out: the JWTs and the key of this session end',
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await authenticator.logout(callerOf(request))
      return reply.code(204).send(null)
    },
  )

  http.get(
    '/auth/token/',
    {
      schema: {
        tags,
        summary: 'Get a new session beside the one that asks for it',
        response: { 200: Session },
      },
    },
    async (request) => {
      const { jwt, token } = await authenticator.openSession(callerOf(request))
      return { jwt, token }
    },
  )
}

/** What is wrong with a credential in a body is an error of that body. */
function refuse(error: unknown, text?: string): never {
  if (error instanceof RefusedError) throw new RestAnswer(400, { non_field_errors: [text ?? error.message] })
  throw error
}

function isApiToken({ credential }: Caller): boolean {
  return credential.kind === 'token' && credential.tokenKind === 'api'
}
