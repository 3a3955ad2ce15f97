/**
 * `/api/v1/device/<slug>/key/` and `/api/v1/org/<slug>/key/`: keys that belong to a device or an organisation.
 * The text of a key is shown once, when it is made.
 */
import { formatDeviceSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import { issueKey, type KeyOwner } from '../../../access/keys.ts'
import { recordAudit } from '../../../catalog/audit.ts'
import { listKeys } from '../../../catalog/keys.ts'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { parseIsoUs } from '../../../model/time.ts'
import { callerOf } from '../caller.ts'
import { check, deviceOfPath, orgOfPath, targetOfDevice } from '../lookup.ts'
import { PageOf, PageQuery, pageBody, readPaged, readPageRequest, SMALL_PAGES } from '../paging.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { KeyView, keyView } from '../views/key.ts'
import { Nullable } from '../views/nullable.ts'

const KeysPath = Type.Object({ slug: Type.String() })
const KeyPath = Type.Object({ slug: Type.String(), id: Type.String({ description: 'UUID' }) })
const NewKeyBody = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 250 })),
    expires_on: Type.Optional(Nullable(Type.String({ description: 'ISO 8601; else it never expires' }))),
  },
  UNKNOWN_FIELDS_IGNORED,
)
const NewKeyView = Type.Object({
  ...KeyView.properties,
  key: Type.String({ description: 'To be written down now; nobody can read it again' }),
})

interface Owned {
  readonly owner: KeyOwner
  /** Slug of the device or organisation, for the record of what was done. */
  readonly slug: string
}

type FindOwner = (services: RestServices, request: FastifyRequest, slug: string) => Promise<Owned>

export function keyRoutes(http: RestHttp, services: RestServices): void {
  keysOf(http, services, {
    resource: 'device',
    about: 'a device, for `Authorization: a-jwt <key>`',
    find: deviceOwner,
  })
  keysOf(http, services, {
    resource: 'org',
    about: 'an organization, for `Authorization: Api-Key <key>`',
    find: orgOwner,
  })
}

/** Whoever may modify the device. @throws {InvalidError} nobody has claimed it. */
async function deviceOwner(services: RestServices, request: FastifyRequest, text: string): Promise<Owned> {
  const device = await deviceOfPath(services, request, { text, permission: 'view' })
  await check(services, request, 'modify_device', targetOfDevice(device))
  if (device.org_id === null) throw new InvalidError('Nobody has claimed this device. Claim it first.')
  return { owner: { orgId: device.org_id, deviceId: device.id }, slug: formatDeviceSlug(device.id) }
}

async function orgOwner(services: RestServices, request: FastifyRequest, slug: string): Promise<Owned> {
  const org = await orgOfPath(services, request, { slug, permission: 'manage_org' })
  return { owner: { orgId: org.id }, slug: org.slug }
}

function keysOf(
  http: RestHttp,
  services: RestServices,
  { resource, about, find }: { resource: 'device' | 'org'; about: string; find: FindOwner },
): void {
  const { authenticator, catalog, clock } = services
  const tags = [resource]
  const record = (request: FastifyRequest, action: string, { slug }: Owned, id: string) =>
    recordAudit(catalog, {
      at_us: clock.nowUs(),
      account_id: callerOf(request).accountId,
      action,
      target: slug,
      detail: id,
    })

  http.get(
    `/${resource}/:slug/key/`,
    {
      schema: {
        tags,
        summary: `List the keys of ${about}`,
        params: KeysPath,
        querystring: Type.Object(PageQuery),
        response: { 200: PageOf(KeyView) },
      },
    },
    async (request) => {
      const { owner } = await find(services, request, request.params.slug)
      const { count, rows, page } = await readPaged(readPageRequest(request, SMALL_PAGES), (page) =>
        listKeys(catalog, { ...owner, nowUs: clock.nowUs() }, page),
      )
      return pageBody(request, services.publicUrl, { count, page, results: rows.map(keyView) })
    },
  )

  http.post(
    `/${resource}/:slug/key/`,
    {
      // Everything in the body may be left out, and so may the body.
      preValidation: async (request) => {
        request.body ??= {}
      },
      schema: {
        tags,
        summary: `Make a key of ${about}`,
        params: KeysPath,
        body: NewKeyBody,
        response: { 201: NewKeyView },
      },
    },
    async (request, reply) => {
      const owned = await find(services, request, request.params.slug)
      const { name = '', expires_on } = request.body
      const expiresAtUs = readExpiry(expires_on ?? undefined)
      const { text, row } = await issueKey(catalog, callerOf(request), {
        owner: owned.owner,
        name,
        nowUs: clock.nowUs(),
        ...(expiresAtUs === undefined ? {} : { expiresAtUs }),
      })
      await record(request, 'create_key', owned, row.id)
      return reply.code(201).send({ ...keyView(row), key: text })
    },
  )

  http.delete(
    `/${resource}/:slug/key/:id/`,
    {
      schema: {
        tags,
        summary: `Revoke a key of ${about.split(',')[0]}, at once`,
        params: KeyPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const owned = await find(services, request, request.params.slug)
      const { id } = request.params
      if (!(await authenticator.revokeKey(owned.owner, id))) throw new NotFoundError()
      await record(request, 'revoke_key', owned, id)
      return reply.code(204).send(null)
    },
  )
}

function readExpiry(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const expiresAtUs = parseIsoUs(text)
  if (expiresAtUs === undefined) throw InvalidError.field('expires_on', 'Enter a valid date/time.')
  return expiresAtUs
}
