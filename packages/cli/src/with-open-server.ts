/** The frame of commands whose doors take no token of an account: pins, and what of series everybody may read. */
import type { Command } from 'commander'
import { silenceText } from './connection.ts'
import { SilenceFailure } from './failure.ts'
import { namedServer, type ServerOptions } from './find-server.ts'
import type { Shell } from './shell.ts'
import { withServer } from './with-server.ts'

/** Finds the server as all commands do; one that is named needs no token. The address has no slash at the end. */
export async function withOpenServer<T>(
  command: Command,
  { environment }: Shell,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const named = await namedServer(command.optsWithGlobals<ServerOptions>(), environment)
  if (named !== undefined) return work(named.url)
  return withServer(command, environment, (_, { address }) => work(address.url))
}

/** An answer, whatever its status. @throws {SilenceFailure} there is none. */
export async function askOpenly(url: string, path: string, init: RequestInit = {}): Promise<Response> {
  try {
    // An idle connection that is kept would hold up a server that stops with the command.
    return await fetch(`${url}${path}`, { ...init, headers: { ...init.headers, connection: 'close' } })
  } catch (error) {
    throw new SilenceFailure(silenceText(url, error))
  }
}
