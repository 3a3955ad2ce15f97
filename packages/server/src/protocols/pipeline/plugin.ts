/** The door of pair-pipeline: `/pipeline`, `/pipeline/megastream` and `/pipeline/stream`. */
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { countPipelines } from '../../catalog/pipelines.ts'
import { type Answer, sendAnswer } from '../../http/answer.ts'
import { HeldBytes } from '../../http/held-bytes.ts'
import { Envelopes, type IdAsSent } from './envelopes.ts'
import { PinRecords } from './pin-records.ts'
import { PipelineKeys } from './pipeline-keys.ts'
import { Pipelines } from './pipelines.ts'
import { readBody } from './request-body.ts'
import type { PipelineServices } from './services.ts'
import type { Parameters } from './stream-parameters.ts'
import { StreamRequests } from './stream-requests.ts'

const PREFIX = '/pipeline'
const STREAM_PATH = `${PREFIX}/stream`
const KEY_HEADER = 'x-pipeline-key'
const NO_ADDRESS = 'Unable to get IP'

/** Boards use GET and POST for everything. HEAD follows GET by itself. */
const METHODS = ['GET', 'POST'] as const
const ALLOW = 'GET, HEAD, OPTIONS, POST'
const METHOD_REFUSED = { status: 405, message: 'Invalid request' }

type Handler = (request: FastifyRequest) => Answer | Promise<Answer>

/** Register it without a prefix. */
export async function pipelinePlugin(http: FastifyInstance, services: PipelineServices): Promise<void> {
  const { catalog, clock, config } = services
  const pipelines = new Pipelines(services)
  const keys = await PipelineKeys.open(catalog)
  const envelopes = new Envelopes({ clock, timeZone: config.pipelineZone, log: http.log })
  const records = new PinRecords({ ...services, pipelines })
  const requests = new StreamRequests({ ...services, pipelines, keys, envelopes, records })
  hotStreamRoute(services, { requests, envelopes })

  await http.register(
    async (scope) => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, stream, done) => done(null, stream))
      scope.addHook('onRequest', async ({ raw }) => {
        // Some boards send an empty one, which the framework would refuse.
        if (raw.headers['content-type'] === '') delete raw.headers['content-type']
      })
      const unknownPath: Handler = () => envelopes.refusal('', { status: 400, message: 'Invalid request' })
      const fail = (request: FastifyRequest, error: unknown) => envelopes.failure(idOf(request), error)
      scope.setErrorHandler((error, request, reply) => sendAnswer(reply, fail(request, error)))
      scope.setNotFoundHandler((request, reply) => answerWith(reply, unknownPath, request))

      const known = (url: string, handler: Handler) => {
        const route = (method: readonly HTTPMethods[], handle: Handler) =>
          scope.route({
            method: [...method],
            url,
            // With a slash at the end an address is an unknown one, which the router does not tell apart.
            handler: (request, reply) =>
              answerWith(reply, hasSlashAtEnd(request) ? unknownPath : handle, request),
          })
        route(METHODS, handler)
        route(['PUT', 'PATCH', 'DELETE'], () => envelopes.refusal(null, METHOD_REFUSED, { allow: ALLOW }))
        scope.options(url, (_request, reply) => reply.code(200).header('allow', ALLOW).send())
      }
      known('/', () => envelopes.greeting())
      known('/megastream', async () => {
        const count = await countPipelines(catalog)
        return envelopes.statistics({ serverIp: config.publicIp ?? NO_ADDRESS, count })
      })
      known('/stream', async (request) => requests.answer(await parametersOf(request), request.ip))
    },
    { prefix: PREFIX },
  )
}

async function answerWith(
  reply: FastifyReply,
  handler: Handler,
  request: FastifyRequest,
): Promise<FastifyReply> {
  return sendAnswer(reply, await handler(request))
}

function hasSlashAtEnd({ raw }: FastifyRequest): boolean {
  return raw.url?.split('?', 1)[0]?.endsWith('/') ?? false
}

function queryOf({ query }: FastifyRequest): Parameters {
  return query as Parameters
}

function idOf(request: FastifyRequest): IdAsSent {
  return queryOf(request).id ?? null
}

/** The query counts before the header, and both before the body. */
async function parametersOf(request: FastifyRequest): Promise<Parameters> {
  const header = request.headers[KEY_HEADER]
  const ofHeader = typeof header === 'string' ? { key: decodeHeader(header) } : {}
  return { ...(await readBody(request)), ...ofHeader, ...queryOf(request) }
}

/** Headers come as bytes, of which node:http makes a character each. */
function decodeHeader(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8')
}

/** A request with a body is not plain enough for the front door. */
function hotStreamRoute(
  { door }: Pick<PipelineServices, 'door'>,
  { requests, envelopes }: { requests: StreamRequests; envelopes: Envelopes },
): void {
  door.register({
    path: STREAM_PATH,
    methods: METHODS,
    bodyBytesMax: 0,
    held: new HeldBytes(0),
    open({ query, headers, address }) {
      const header = headers.get(KEY_HEADER)
      const parameters = header === undefined ? query : { key: header, ...query }
      return { isCurrent: () => true, take: () => requests.answer(parameters, address) }
    },
    failed: (error) => envelopes.failure(null, error),
  })
}
