/** `/api/v1/auth/password/reset/`: a new password for somebody who has forgotten the old one. */
import { recordAudit } from '../../../catalog/audit.ts'
import { formatIsoUs } from '../../../model/time.ts'
import { callerOf } from '../caller.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { Nullable } from '../views/nullable.ts'
import { accountOfPath } from './account.ts'

const tags = ['auth']
const DetailView = Type.Object({ detail: Type.String() })
const RequestView = Type.Object({
  account: Type.String({ description: 'Slug' }),
  username: Type.String(),
  email: Nullable(Type.String()),
  requested_on: Type.String(),
})

export function publicPasswordResetRoutes(http: RestHttp, { passwordResets }: RestServices): void {
  http.post(
    '/auth/password/reset/',
    {
      schema: {
        tags,
        summary: 'Ask for a new password',
        description:
          'The answer is the same whether there is such an account or not. The server sends no mail; its staff ' +
          'see the request and hand out a token.',
        security: [],
        body: Type.Object({
          email: Type.String({ minLength: 1, maxLength: 254, description: 'E-mail address or user name' }),
        }),
        response: { 200: DetailView },
      },
    },
    async (request) => {
      passwordResets.request({ name: request.body.email, address: request.ip })
      return { detail: 'Password reset e-mail has been sent.' }
    },
  )

  http.post(
    '/auth/password/reset/confirm/',
    {
      schema: {
        tags,
        summary: 'Set a new password with a token from staff; all sessions of the account end',
        security: [],
        body: Type.Object({ token: Type.String({ maxLength: 250 }), password: Type.String() }),
        response: { 200: DetailView },
      },
    },
    async (request) => {
      const { token: text, password } = request.body
      await passwordResets.confirm({ text, password, address: request.ip })
      return { detail: 'Password has been reset with the new password.' }
    },
  )
}

export function passwordResetRoutes(http: RestHttp, services: RestServices): void {
  const { passwordResets, catalog, clock } = services

  http.get(
    '/auth/password/reset/',
    {
      schema: {
        tags,
        summary: 'List who asked for a new password, the latest first (staff)',
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(RequestView) },
      },
    },
    async (request) => {
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        passwordResets.list(callerOf(request), page),
      )
      const results = rows.map(({ slug, username, email, requested_at_us }) => {
        return { account: slug, username, email, requested_on: formatIsoUs(requested_at_us) }
      })
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/account/:slug/reset_token/',
    {
      schema: {
        tags: ['account'],
        summary: 'Make a token with which its owner sets a new password, once and within an hour (staff)',
        params: Type.Object({ slug: Type.String() }),
        response: {
          201: Type.Object({
            token: Type.String({
              description: 'For `auth/password/reset/confirm/`; shown now and never again',
            }),
            expires_on: Type.String(),
          }),
        },
      },
    },
    async (request, reply) => {
      const account = await accountOfPath(services, request, request.params.slug)
      const { text, expiresAtUs } = await passwordResets.issue(callerOf(request), account.id)
      await recordAudit(catalog, {
        at_us: clock.nowUs(),
        account_id: callerOf(request).accountId,
        action: 'reset_password',
        target: account.slug,
        detail: '',
      })
      return reply.code(201).send({ token: text, expires_on: formatIsoUs(expiresAtUs) })
    },
  )
}
