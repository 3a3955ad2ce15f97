/**
 * The Fastify instance that all protocols share. It holds only what must be the same for each of them;
 * error shapes, authentication and content types are a protocol's own, behind its prefix.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { FrontDoor } from './front-door.ts'
import { lazyCompilers } from './lazy-compilers.ts'
import { parseLenientQuery } from './lenient-query.ts'

/** A client that takes longer for the first headers of a connection, or for a whole request, is cut off. */
const HEADERS_MS_MAX = 60_000
const REQUEST_MS_MAX = 30 * 60 * 1_000
const KEEP_ALIVE_MS = 72_000

/** With a door, connections come in through it. */
export function openHttp(config: Config, log: Logger, door?: FrontDoor): FastifyInstance {
  const http = Fastify({
    // What Fastify itself has to say is for those who look closer; an operator hears of trouble.
    loggerInstance: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }),
    // One line per request is too much for devices that write every second; metrics count them.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits.bodyBytesMax,
    serverFactory(handle) {
      const server = createServer(
        { headersTimeout: HEADERS_MS_MAX, requestTimeout: REQUEST_MS_MAX, keepAliveTimeout: KEEP_ALIVE_MS },
        handle,
      )
      const limits = { firstMsMax: HEADERS_MS_MAX, requestMsMax: REQUEST_MS_MAX, keepAliveMs: KEEP_ALIVE_MS }
      door?.standBefore(server, limits)
      return server
    },
    // A proxy on this machine may say who the client is; nobody else is believed.
    trustProxy: 'loopback',
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, querystringParser: parseLenientQuery, maxParamLength: 300 },
    schemaController: { compilersFactory: lazyCompilers },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: true, useDefaults: true } },
  }) as unknown as FastifyInstance
  // Some clients of the legacy dialects send the parameters of a GET or DELETE in its body.
  http.addHttpMethod('GET', { hasBody: true, overrideExisting: true })
  if (door !== undefined) http.addHook('preClose', async () => door.close())
  return http
}
