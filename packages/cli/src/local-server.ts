/** A server within this process, for the time of one command. */
import { type App, buildApp } from '@sonde/server/src/app.ts'
import { loadConfig } from '@sonde/server/src/config.ts'
import { AppError, ConflictError } from '@sonde/server/src/errors.ts'
import { firstStartText } from '@sonde/server/src/serve.ts'
import { Failure } from './failure.ts'
import type { Environment } from './find-server.ts'

export interface LocalServer {
  stop(): Promise<void>
}

/**
 * Serves the data folder to this machine only, on a free port.
 * @throws {Failure} the folder is in use, or cannot be opened.
 */
export async function startLocalServer(environment: Environment): Promise<LocalServer> {
  const app = await open(environment)
  await app.start()
  return {
    async stop() {
      await app.stop()
      // Nobody can read these again.
      if (app.firstStart) console.error(firstStartText(app.firstStart))
    },
  }
}

async function open(environment: Environment): Promise<App> {
  try {
    const config = loadConfig(environment)
    const logLevel = environment.SONDE_LOG_LEVEL ? config.logLevel : 'silent'
    return await buildApp({ ...config, host: '127.0.0.1', port: 0, publicUrl: undefined, logLevel })
  } catch (error) {
    if (error instanceof ConflictError) {
      throw new Failure(
        'The data folder is in use by a Sonde that this command cannot reach: it leaves no operator.json there, ' +
          'or does not answer. Wait until it has started, or set SONDE_URL and SONDE_TOKEN',
      )
    }
    if (error instanceof AppError) throw new Failure(error.message)
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== undefined) throw new Failure(`The data folder cannot be opened: ${message}`)
    throw error
  }
}
