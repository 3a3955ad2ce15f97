/** `sonde serve`: the server, as `npm start` runs it. */
import { Command } from 'commander'
import type { Environment } from '../find-server.ts'

const SETTINGS = `
Settings come from the environment; these are the usual ones:
  SONDE_PORT       port of HTTP, 8080
  SONDE_HOST       address to listen on, 0.0.0.0
  SONDE_DATA_DIR   where everything is kept, ./data

Example:
  SONDE_PORT=9000 sonde serve`

export function serveCommand(environment: Environment): Command {
  return new Command('serve')
    .description('run the server until Ctrl-C')
    .addHelpText('after', SETTINGS)
    .action(async () => {
      const { serve } = await import('@sonde/server/src/serve.ts')
      await serve({ ...environment })
    })
}
