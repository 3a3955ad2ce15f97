/** Points and aggregates of many streams: as columns, or as rows while they come. */
import type { Connection, Outgoing } from '../api/connection.ts'
import { RestBaseException, refusalOf } from '../api/http-errors.ts'
import { resourceUrl, withParameters } from '../api/parameters.ts'
import { linesOf } from './lines-of.ts'
import { type QueryRequest, type QueryRow, type QuerySeries, queryParameters } from './query-request.ts'

/** @throws {HttpClientError} the request makes no sense, or asks for too much. */
export async function queryPoints<const Request extends QueryRequest>(
  connection: Connection,
  request: Request,
): Promise<QuerySeries<Request>[]> {
  const outgoing = outgoingOf(connection, request, 'json')
  const { response, content } = await connection.send(outgoing)
  if (response.status >= 400) throw refusalOf(response, outgoing.url, content)
  return readJson<{ results: QuerySeries<Request>[] }>(new TextDecoder().decode(content), outgoing.url)
    .results
}

/** Rows in the order of series and time; holds no more than a piece of the answer. */
export async function* queryRows<const Request extends QueryRequest>(
  connection: Connection,
  request: Request,
): AsyncGenerator<QueryRow<Request>> {
  const outgoing = outgoingOf(connection, request, 'ndjson')
  for await (const line of linesOf(await connection.stream(outgoing))) {
    yield readJson<QueryRow<Request>>(line, outgoing.url)
  }
}

function outgoingOf(connection: Connection, request: QueryRequest, format: string): Outgoing {
  const url = resourceUrl(connection.domain, ['query'])
  return {
    method: 'GET',
    url: withParameters(url, { ...queryParameters(request), format }),
    headers: { 'Content-Type': 'application/json', ...connection.authorization },
  }
}

function readJson<Shape>(text: string, url: string): Shape {
  try {
    return JSON.parse(text) as Shape
  } catch (cause) {
    throw new RestBaseException(`${url} answered something else than JSON: ${text.slice(0, 80)}`, { cause })
  }
}
