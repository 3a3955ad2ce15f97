/** Runs the server until it is told to stop: what `npm start` and `sonde serve` do. */
import type { FirstStart } from './access/first-start.ts'
import { type App, buildApp } from './app.ts'
import { type Config, loadConfig } from './config.ts'
import { AppError } from './errors.ts'
import { VERSION } from './version.ts'

/** Resolves once requests are taken. A start that fails says why in one line and exits with 1. */
export async function serve(environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const config = loadConfig(environment)
    const app = await buildApp(config)
    stopOnSignals(app, config)
    // Before anything else can fail: nobody can read these again.
    if (app.firstStart) console.log(firstStartText(app.firstStart))
    const url = await app.start()
    console.log(greeting(url, config))
  } catch (error) {
    const reason = startProblem(error)
    if (reason === undefined) throw error
    console.error(`Sonde did not start: ${reason}`)
    process.exit(1)
  }
}

function stopOnSignals(app: App, { limits: { drainMsMax } }: Config): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop(app, { signal, drainMsMax }))
  }
}

/** Stops intake, then drains what is under way; exits 1 when that outlives `drainMsMax`. */
async function stop(
  app: App,
  { signal, drainMsMax }: { signal: NodeJS.Signals; drainMsMax: number },
): Promise<void> {
  app.log.info({ signal, drainMsMax }, 'stopping')
  const deadline = setTimeout(() => process.exit(1), drainMsMax)
  await app.stop()
  clearTimeout(deadline)
}

/** What an operator can mend; undefined for a bug. */
function startProblem(error: unknown): string | undefined {
  if (error instanceof AppError) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `${message}. Choose another port with SONDE_PORT`
  // SQLite's own code for ENOSPC.
  if (code === 'SQLITE_FULL') return `${message}. Make room on the disk of the data folder`
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOSPC' || code === 'EROFS') return message
  return undefined
}

function greeting(url: string, { dataDir }: Config): string {
  return `Sonde ${VERSION} serves ${url} and keeps its data in ${dataDir}`
}

export function firstStartText({ username, email, org, password, token }: FirstStart): string {
  const lines = [
    'This is the first start. Write these down; they are shown only once.',
    '',
    `  administrator   ${username} (${email}), owner of the organization "${org}"`,
    ...(password === undefined ? [] : [`  password        ${password}`]),
    ...(token === undefined ? [] : [`  API token       ${token}`]),
    '',
  ]
  return lines.join('\n')
}
