/** `/api/v1/user/…` and `/api/v1/admin/user_list`: registering, tokens, and who there is. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { listPackageUsers } from '../../catalog/package-users.ts'
import { ForbiddenError, UnauthenticatedError } from '../../errors.ts'
import { jsonList } from './json-list.ts'
import { readJson, requireTexts } from './json-request.ts'
import type { PackagesServices } from './services.ts'

/** The older service had one for everybody; no client uses it. */
const API_KEY = 'ApiKey'
const HIDDEN = '********'

export function userRoutes(http: FastifyInstance, { catalog, logins }: PackagesServices): void {
  http.get('/admin/user_list', async (request, reply) => {
    const caller = await logins.callerOf(request, 'admin')
    if (!caller.isStaff) throw new ForbiddenError('administrator only')
    const list = jsonList(
      (page) => listPackageUsers(catalog, page),
      ({ id, username }) => ({ apikey: API_KEY, id, password: HIDDEN, username }),
    )
    return reply.type('application/json; charset=utf-8').send(list)
  })

  http.post('/user/add', async (request, reply) => {
    await logins.register(readLogin(request))
    return reply.type('application/json; charset=utf-8').send('null')
  })

  http.post('/user/get_token', async (request) => {
    const account = await logins.checkPassword(readLogin(request))
    return { token: await logins.issueToken(account) }
  })

  http.post('/user/invalidate_token', async (request) => {
    readJson(request)
    const { accountId, tokenId } = await logins.callerOf(request, 'admin')
    const account = await logins.checkPassword(readLogin(request))
    if (tokenId === undefined || account.id !== accountId) {
      throw new UnauthenticatedError('token does not belong to user')
    }
    await logins.revokeToken(tokenId)
    return { message: 'token has been revoked' }
  })
}

function readLogin(request: FastifyRequest) {
  const { username, password } = requireTexts(readJson(request), ['username', 'password'])
  return { name: username, password, address: request.ip }
}
