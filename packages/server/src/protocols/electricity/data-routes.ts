/** The addresses that answer rows. A token is checked first, then the parameters, then the cache is asked. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ConsumpSelection } from '../../catalog/consumpdata.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import { InvalidError } from '../../errors.ts'
import type { AnswerCache } from './answer-cache.ts'
import { answerRows, NO_DATA } from './data-answer.ts'
import { simplifyDatePattern } from './date-pattern.ts'
import { failureHandler, TOKEN_INVALID, TOKEN_MISSING } from './errors.ts'
import { parseIdList } from './id-list.ts'
import { parseLenientDateTime } from './lenient-datetime.ts'
import type { ElectricityLogins } from './logins.ts'
import { answerKey, type Parameters, readParameters } from './parameters.ts'
import { renderAnswer } from './record-json.ts'

export interface DataServices {
  readonly readOnlyCatalog: CatalogDb
  readonly logins: ElectricityLogins
  readonly answers: AnswerCache
}

interface DataAddress {
  readonly path: string
  /** Names of its parameters; an address without any does not look at what it is given. */
  readonly parameters: readonly string[]
  /** @returns undefined when no row can match. */
  readonly select: (parameters: Parameters) => ConsumpSelection | undefined
}

const ADDRESSES: readonly DataAddress[] = [
  { path: '/apielec/getData', parameters: [], select: () => ({ kind: 'all' }) },
  { path: '/apielec/getDataById', parameters: ['id'], select: selectIds },
  { path: '/apielec/getDataByDate', parameters: ['date'], select: selectDates },
  { path: '/apielec/getDataByRange', parameters: ['date', 'end_date'], select: selectRange },
]

const NO_PARAMETERS: Parameters = new Map()
const PING = renderAnswer({ message: "I'm here!!", rowCount: 0, parts: [] })

export function dataRoutes(http: FastifyInstance, services: DataServices): void {
  http.setErrorHandler(failureHandler('Unable to obtain the data'))
  http.addHook('onRequest', (request, reply) => checkToken(services.logins, request, reply))
  http.get('/apielec/ping', (_request, reply) => sendJson(reply, PING))
  for (const address of ADDRESSES) {
    http.get(address.path, async (request, reply) =>
      sendJson(reply, await answerRequest(services, address, request)),
    )
  }
}

async function checkToken(logins: ElectricityLogins, request: FastifyRequest, reply: FastifyReply) {
  const token = request.headers.session
  if (typeof token !== 'string' || token === '') return reply.code(405).send(TOKEN_MISSING)
  if (!(await logins.accepts(token))) return reply.code(406).send(TOKEN_INVALID)
}

function answerRequest(
  { readOnlyCatalog, answers }: DataServices,
  { path, parameters: names, select }: DataAddress,
  request: FastifyRequest,
): Promise<Buffer> {
  const parameters = names.length === 0 ? NO_PARAMETERS : readParameters(sourcesOf(request), names)
  return answers.get(answerKey(path, parameters), async () => {
    const selection = select(parameters)
    return selection === undefined ? NO_DATA : answerRows(readOnlyCatalog, selection)
  })
}

function sourcesOf({ url, headers, body }: FastifyRequest) {
  return { url, contentType: headers['content-type'], body: typeof body === 'string' ? body : undefined }
}

function sendJson(reply: FastifyReply, answer: Buffer): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(answer)
}

function selectIds(parameters: Parameters): ConsumpSelection {
  return { kind: 'ids', ids: parseIdList(required(parameters, 'id')) }
}

/** A missing pattern matches nothing and is no error: so it always was here. */
function selectDates(parameters: Parameters): ConsumpSelection | undefined {
  const pattern = simplifyDatePattern(parameters.get('date') ?? '')
  return pattern === undefined ? undefined : { kind: 'like', pattern }
}

function selectRange(parameters: Parameters): ConsumpSelection {
  return { kind: 'between', first: readBound(parameters, 'date'), last: readBound(parameters, 'end_date') }
}

function readBound(parameters: Parameters, name: string): string {
  const bound = parseLenientDateTime(required(parameters, name))
  if (bound === undefined) throw InvalidError.field(name, 'Give a date such as 2019-09-11 10:45:00.')
  return bound
}

function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw InvalidError.field(name, 'This parameter is required.')
  return value
}
