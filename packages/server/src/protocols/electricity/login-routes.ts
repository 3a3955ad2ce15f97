/** `/login` exchanges a user name and password for the token of the other addresses. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { PasswordLogin } from '../../access/authenticator.ts'
import { type ElectricityLogins, refuseLogin } from './logins.ts'

const BASIC = /^Basic +([A-Za-z0-9+/]+=*) *$/i

export function loginRoutes(http: FastifyInstance, logins: ElectricityLogins): void {
  http.route({
    method: ['GET', 'POST'],
    url: '/login',
    handler: async (request) => ({
      Authorization_type: 'API Key',
      In: 'header',
      Key: 'SESSION',
      value_token: await logins.logIn(readBasic(request)),
    }),
  })
}

/** A request without the header, as browsers send it first, is no attempt that the rate limits count. */
function readBasic({ headers, ip }: FastifyRequest): PasswordLogin {
  const encoded = BASIC.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return refuseLogin()
  const [name, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return { name, password: rest.join(':'), address: ip }
}
