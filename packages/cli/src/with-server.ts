/** The frame of every command that talks to a server. */
import type { Command } from 'commander'
import type { Connection } from './connection.ts'
import { type Environment, findServer, type ServerOptions } from './find-server.ts'

/** Finds the server, and ends it afterwards if it was started for this command. */
export async function withServer<T>(
  command: Command,
  environment: Environment,
  work: (connection: Connection) => Promise<T>,
  { mayCreate = false }: { mayCreate?: boolean } = {},
): Promise<T> {
  const server = await findServer(command.optsWithGlobals<ServerOptions>(), environment, { mayCreate })
  try {
    return await work(server.connection)
  } finally {
    await server.close()
  }
}
