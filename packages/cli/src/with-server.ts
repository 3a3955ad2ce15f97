/** The frame of every command that talks to a server. */
import { Api, RestBaseException, RestConnectionError, RestHttpBaseException } from '@sonde/client'
import type { Command } from 'commander'
import { type Connection, refusalText, type ServerAddress, silenceText } from './connection.ts'
import { Failure } from './failure.ts'
import { type Environment, type FoundServer, findServer, type ServerOptions } from './find-server.ts'
import type { Shell } from './shell.ts'

interface Terms {
  /** Whether a data folder is made where there is none. */
  readonly mayCreate?: boolean
}

/** Finds the server, and ends it afterwards if it was started for this command. */
export async function withServer<T>(
  command: Command,
  environment: Environment,
  work: (connection: Connection, server: FoundServer) => Promise<T>,
  { mayCreate = false }: Terms = {},
): Promise<T> {
  const server = await findServer(command.optsWithGlobals<ServerOptions>(), environment, { mayCreate })
  try {
    return await work(server.connection, server)
  } finally {
    await server.close()
  }
}

export interface ApiServer extends FoundServer {
  readonly api: Api
}

/** The same with the client library; what that says of a request becomes a line for the user. */
export function withApi<T>(
  command: Command,
  { environment }: Shell,
  work: (server: ApiServer) => Promise<T>,
  terms: Terms = {},
): Promise<T> {
  const run = async (_: Connection, server: FoundServer) => {
    try {
      return await work({ ...server, api: openApi(server.address) })
    } catch (error) {
      throw failureOf(error, server.address)
    }
  }
  return withServer(command, environment, run, terms)
}

export function openApi({
  url,
  token,
  timeoutMs,
}: {
  readonly url: string
  readonly token?: string
  readonly timeoutMs?: number
}): Api {
  return new Api({
    domain: url,
    token,
    timeoutMs,
    tokenType: 'token',
    // An idle connection that is kept would hold up a server that stops with the command.
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init?.headers, connection: 'close' } }),
  })
}

/** What the user is told of a request that failed; everything else is handed through. */
export function failureOf(error: unknown, address: ServerAddress): unknown {
  if (error instanceof RestHttpBaseException && error.response !== undefined) {
    const { status, statusText } = error.response
    return new Failure(refusalText(address, { status, statusText, body: error.text }))
  }
  if (error instanceof RestConnectionError) return new Failure(silenceText(address.url, error))
  return error instanceof RestBaseException ? new Failure(error.message) : error
}
