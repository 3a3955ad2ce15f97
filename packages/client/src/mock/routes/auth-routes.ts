/** Sessions and the one account that there is. */
import { type Ask, objectOf, pageOf, Refusal, requireFields } from '../mock-http.ts'
import { FIXED_TIME, LOGIN_TOKEN } from '../mock-state.ts'
import type { Routes } from './route.ts'

const ACCOUNT = {
  id: 1,
  email: 'unknown email',
  username: 'unknown username',
  created_at: FIXED_TIME,
  updated_at: FIXED_TIME,
  name: 'unknown name',
  tagline: '',
  avatar: { tiny: '', thumbnail: '', medium: '' },
  slug: 'unknown-username',
  is_staff: false,
}

const CREDENTIALS = /^(?:jwt|bearer|token)\s+(\S+)$/i

/** The token of a request. @throws {Refusal} 401: there is none, or it is not good. */
export function requireToken({ headers, state }: Ask): string {
  const { authorization } = headers
  if (authorization === undefined) {
    throw new Refusal(401, { detail: 'Authentication credentials were not provided.' })
  }
  const token = CREDENTIALS.exec(authorization)?.[1]
  if (token === undefined || !state.tokens.has(token)) {
    throw new Refusal(401, { detail: 'Error decoding signature.' })
  }
  return token
}

/** These say themselves who may ask. */
export const OPEN_PATHS: ReadonlySet<string> = new Set([
  'auth/login',
  'auth/api-jwt-auth',
  'auth/api-jwt-verify',
  'auth/api-jwt-refresh',
])

function login(ask: Ask, refusal: Refusal): string {
  const body = objectOf(ask)
  requireFields(body, ['email', 'password'])
  if (ask.state.users.get(String(body.email)) !== body.password) throw refusal
  ask.state.tokens.add(LOGIN_TOKEN)
  return String(body.email)
}

function goodToken(ask: Ask): string {
  const body = objectOf(ask)
  requireFields(body, ['token'])
  const token = String(body.token)
  if (ask.state.tokens.has(token)) return token
  throw new Refusal(400, { non_field_errors: ['Error decoding signature.'] })
}

export const AUTH_ROUTES: Routes = {
  'auth/login': {
    POST(ask) {
      const username = login(ask, new Refusal(401, 'Username/password combination invalid.'))
      return { status: 200, body: { username, jwt: LOGIN_TOKEN, token: LOGIN_TOKEN } }
    },
  },
  'auth/logout': {
    POST(ask) {
      ask.state.tokens.delete(requireToken(ask))
      return { status: 204 }
    },
  },
  'auth/api-jwt-auth': {
    POST(ask) {
      const detail = { non_field_errors: ['Unable to log in with provided credentials.'] }
      login(ask, new Refusal(400, detail))
      return { status: 200, body: { token: LOGIN_TOKEN } }
    },
  },
  'auth/api-jwt-verify': { POST: (ask) => ({ status: 200, body: { token: goodToken(ask) } }) },
  'auth/api-jwt-refresh': {
    POST(ask) {
      goodToken(ask)
      const token = `${LOGIN_TOKEN}_${ask.state.tokens.size + 1}`
      ask.state.tokens.add(token)
      return { status: 200, body: { token } }
    },
  },
  'auth/user-info': { GET: (ask) => ({ status: 200, body: { ...ACCOUNT, jwt: requireToken(ask) } }) },
  account: { GET: (ask) => pageOf(ask, [ACCOUNT]) },
  'account/:slug': { GET: () => ({ status: 200, body: ACCOUNT }) },
}
