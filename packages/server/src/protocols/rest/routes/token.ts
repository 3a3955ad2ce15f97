/** `/api/v1/token/`: the API tokens of the caller. The text of a token is shown once, when it is made. */
import { parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { hasPermission, type PermissionTarget, requireWholeAccount } from '../../../access/permissions.ts'
import { issueApiToken, type TokenLimit } from '../../../access/tokens.ts'
import { findDevice } from '../../../catalog/devices.ts'
import { findOrgBySlug } from '../../../catalog/orgs.ts'
import type { TokenRow } from '../../../catalog/schema.ts'
import { findToken, listTokens } from '../../../catalog/tokens.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { parseIsoUs } from '../../../model/time.ts'
import { callerOf } from '../caller.ts'
import { projectByText, targetOfDevice } from '../lookup.ts'
import { orgSlugs } from '../names.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'
import { ScopeView, TokenView, tokenView } from '../views/token.ts'

const tags = ['token']
const TokenPath = Type.Object({ id: Type.String({ description: 'UUID' }) })

const NewTokenBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 250 }),
    scopes: Type.Array(ScopeView, { minItems: 1 }),
    org: Type.Optional(Nullable(Type.String({ description: 'Slug' }))),
    project: Type.Optional(Nullable(Type.String({ description: 'UUID or slug' }))),
    device: Type.Optional(Nullable(Type.String({ description: 'Slug' }))),
    expires_on: Type.Optional(Nullable(Type.String({ description: 'ISO 8601; else it never expires' }))),
  },
  {
    ...UNKNOWN_FIELDS_IGNORED,
    description: 'A token opens everything of its account, or one organization, project or device',
  },
)
const NewTokenView = Type.Object({
  ...TokenView.properties,
  token: Type.String({ description: 'To be written down now; nobody can read it again' }),
})

export function tokenRoutes(http: RestHttp, services: RestServices): void {
  const { authenticator, catalog, clock } = services

  http.get(
    '/token/',
    {
      schema: {
        tags,
        summary: 'List your API tokens, newest first',
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(TokenView) },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      requireWholeAccount(caller)
      const wanted = { accountId: caller.accountId, kind: 'api' as const, nowUs: clock.nowUs() }
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listTokens(catalog, wanted, page),
      )
      const results = await viewsOf(services, rows)
      return pageBody(request, services.publicUrl, { count, page, results })
    },
  )

  http.post(
    '/token/',
    {
      schema: {
        tags,
        summary: 'Make an API token',
        body: NewTokenBody,
        response: { 201: NewTokenView },
      },
    },
    async (request, reply) => {
      const { name, scopes } = request.body
      const nowUs = clock.nowUs()
      const limit = await readLimit(services, request, request.body)
      const expiresAtUs = readExpiry(request.body.expires_on ?? undefined, nowUs)
      const { text, row } = await issueApiToken(catalog, callerOf(request), {
        name,
        scopes: new Set(scopes),
        nowUs,
        ...(limit === undefined ? {} : { limit }),
        ...(expiresAtUs === undefined ? {} : { expiresAtUs }),
      })
      const [view] = await viewsOf(services, [row])
      return reply.code(201).send({ ...view, token: text })
    },
  )

  http.get(
    '/token/:id/',
    {
      schema: {
        tags,
        summary: 'Read what an API token of yours is good for',
        params: TokenPath,
        response: { 200: TokenView },
      },
    },
    async (request) => {
      const [view] = await viewsOf(services, [await tokenOfPath(services, request, request.params.id)])
      return view
    },
  )

  http.delete(
    '/token/:id/',
    {
      schema: {
        tags,
        summary: 'Revoke an API token of yours, at once',
        params: TokenPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id, account_id: accountId } = await tokenOfPath(services, request, request.params.id)
      await authenticator.revokeToken({ accountId, id })
      return reply.code(204).send(null)
    },
  )
}

/** @throws {NotFoundError} the caller has no such API token, or had one that is revoked. */
async function tokenOfPath(services: RestServices, request: FastifyRequest, id: string): Promise<TokenRow> {
  const caller = callerOf(request)
  requireWholeAccount(caller)
  const row = await findToken(services.catalog, id)
  const isTheirs = row?.account_id === caller.accountId && row.kind === 'api'
  if (!isTheirs || row.revoked_at_us !== null) throw new NotFoundError()
  return row
}

/** What the token is limited to; undefined for the whole account. @throws {InvalidError} not one thing. */
async function readLimit(
  services: RestServices,
  request: FastifyRequest,
  body: Static<typeof NewTokenBody>,
): Promise<TokenLimit | undefined> {
  const given = (['org', 'project', 'device'] as const).filter((field) => typeof body[field] === 'string')
  if (given.length === 0) return undefined
  const [field] = given
  if (given.length > 1) {
    throw InvalidError.field(field, 'A token is limited to one organization, project or device.')
  }
  const found = await findLimit(services, field, body[field] ?? '')
  const isVisible =
    found !== undefined &&
    found.target.orgId !== null &&
    (await hasPermission(services.memberships, callerOf(request), 'view', found.target))
  if (!isVisible) throw InvalidError.field(field, `There is no such ${field}.`)
  return found.limit
}

async function findLimit(
  services: RestServices,
  field: 'org' | 'project' | 'device',
  text: string,
): Promise<{ limit: TokenLimit; target: PermissionTarget } | undefined> {
  const { catalog } = services
  switch (field) {
    case 'org': {
      const org = await findOrgBySlug(catalog, text)
      return org && { limit: { orgId: org.id }, target: { orgId: org.id } }
    }
    case 'project': {
      const project = await projectByText(services, text)
      if (project === undefined) return undefined
      return { limit: { projectId: project.id }, target: { orgId: project.org_id, projectId: project.id } }
    }
    case 'device': {
      const slug = parseSlug(text)
      const device = slug?.kind === 'device' ? await findDevice(catalog, slug.device) : undefined
      return device && { limit: { deviceId: device.id }, target: targetOfDevice(device) }
    }
  }
}

function readExpiry(text: string | undefined, nowUs: number): number | undefined {
  if (text === undefined) return undefined
  const expiresAtUs = parseIsoUs(text)
  if (expiresAtUs === undefined) throw InvalidError.field('expires_on', 'Enter a valid date/time.')
  if (expiresAtUs <= nowUs) throw InvalidError.field('expires_on', 'A token must expire in the future.')
  return expiresAtUs
}

async function viewsOf(
  services: RestServices,
  rows: readonly TokenRow[],
): Promise<Static<typeof TokenView>[]> {
  const orgs = await orgSlugs(
    services,
    rows.map((row) => row.org_id),
  )
  return rows.map((row) => tokenView(row, { org: orgs.get(row.org_id ?? '') ?? null }))
}
