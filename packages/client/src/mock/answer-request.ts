/** Finds the route of a request and lets it answer. */
import type { IncomingMessage } from 'node:http'
import { type Answer, type Ask, Refusal, readBody } from './mock-http.ts'
import type { MockState } from './mock-state.ts'
import { AUTH_ROUTES, OPEN_PATHS, requireToken } from './routes/auth-routes.ts'
import { DATA_ROUTES } from './routes/data-routes.ts'
import { EVENT_ROUTES } from './routes/event-routes.ts'
import { FLEET_ROUTES } from './routes/fleet-routes.ts'
import { MODEL_ROUTES } from './routes/model-routes.ts'
import { REPORT_ROUTES } from './routes/report-routes.ts'
import type { StreamFolder } from './stream-folder.ts'

const ROUTES = Object.entries({
  ...AUTH_ROUTES,
  ...MODEL_ROUTES,
  ...DATA_ROUTES,
  ...EVENT_ROUTES,
  ...FLEET_ROUTES,
  ...REPORT_ROUTES,
})
  .map(([path, methods]) => ({ segments: path.split('/'), methods }))
  // `event/upload` before `event/:id`.
  .sort((a, b) => openCount(a.segments) - openCount(b.segments))

const PREFIX = '/api/v1/'

export interface MockWorld {
  readonly state: MockState
  readonly folder: StreamFolder
  /** Address of the mock, without a slash at the end. */
  readonly origin: string
}

/** Whatever goes wrong is an answer. */
export async function answerRequest(request: IncomingMessage, world: MockWorld): Promise<Answer> {
  try {
    return await route(request, world)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    return { status: 500, body: { detail: `The mock failed: ${(error as Error).stack}` } }
  }
}

async function route(request: IncomingMessage, { state, folder, origin }: MockWorld): Promise<Answer> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', origin)
  const bytes = await readBody(request)
  const path = pathname.startsWith(PREFIX) ? pathname.slice(PREFIX.length).replace(/\/$/, '') : ''
  const segments = path.split('/').map(decoded)
  const { method = 'GET', headers } = request
  const ask = { state, folder, method, url: origin + pathname, query, headers, bytes }
  if (!OPEN_PATHS.has(path)) requireToken({ ...ask, names: {} })
  for (const { segments: pattern, methods } of ROUTES) {
    const names = namesIn(pattern, segments)
    if (names === undefined) continue
    const handler = methods[method]
    if (handler !== undefined) return handler({ ...ask, names } satisfies Ask)
    throw new Refusal(405, { detail: `Method "${method}" not allowed.` })
  }
  throw new Refusal(404, { detail: 'Not found.' })
}

function openCount(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith(':')).length
}

/** What stands in the places that a pattern leaves open; undefined when it is another address. */
function namesIn(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const names: Record<string, string> = {}
  for (const [i, part] of pattern.entries()) {
    if (part.startsWith(':')) names[part.slice(1)] = segments[i]
    else if (part !== segments[i]) return undefined
  }
  return names
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new Refusal(400, { detail: 'The address is not well formed.' })
  }
}
