/**
 * Which addresses the keys of devices and organisations may call at all. Everything else is closed to them, so
 * that a new route need not think of callers who are nobody; what is open asks for permissions as always.
 */
import type { Caller, KeyKind } from '../../access/caller.ts'
import { ForbiddenError } from '../../errors.ts'

type Method = 'GET' | 'POST' | 'PATCH'

/** First parts of addresses, or whole ones, by method. */
const REACH: Readonly<Record<KeyKind, Readonly<Partial<Record<Method, readonly string[]>>>>> = {
  device: {
    GET: ['device', 'stream', 'data', 'df', 'event', 'query', 'live'],
    POST: ['data', 'event', 'streamer', '/api/v1/device/:slug/command/:id/ack/'],
    PATCH: ['/api/v1/device/:slug/shadow/'],
  },
  org: { GET: ['sg', 'dt', 'vartype'] },
}

const EXPLANATIONS: Readonly<Record<KeyKind, string>> = {
  device:
    'The key of a device reads that device and its data, writes its data and events, reports its values, and ' +
    'fetches and acknowledges its commands.',
  org: 'The key of an organization reads sg, dt and vartype.',
}

/**
 * @param request.path The pattern of the route.
 * @throws {ForbiddenError} the caller has a key, which is not for this address.
 */
export function requireKeyReach(
  { credential }: Caller,
  { method, path }: { method: string; path: string },
): void {
  if (credential.kind !== 'key') return
  const [, resource] = /^\/api\/v1\/([\w-]+)\//.exec(path) ?? []
  const open = REACH[credential.keyKind][method === 'HEAD' ? 'GET' : (method as Method)]
  if (open?.includes(resource) || open?.includes(path)) return
  throw new ForbiddenError(EXPLANATIONS[credential.keyKind])
}
