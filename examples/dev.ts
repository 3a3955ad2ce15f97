/**
 * `npm run dev`: a server that starts again when its source changes, on a data folder of its own, and
 * simulated devices that write to it. Log in as `admin` with the password `admin`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = join(import.meta.dirname, '..')
const PORT = process.env.SONDE_PORT ?? '8080'
const TOKEN = 'dev-token'

const environment = {
  ...process.env,
  SONDE_PORT: PORT,
  SONDE_DATA_DIR: process.env.SONDE_DATA_DIR ?? join(ROOT, 'data/dev'),
  SONDE_INIT_PASSWORD: 'admin',
  SONDE_INIT_TOKEN: TOKEN,
  SONDE_LOG_LEVEL: process.env.SONDE_LOG_LEVEL ?? 'debug',
  SONDE_URL: `http://localhost:${PORT}`,
  SONDE_TOKEN: TOKEN,
}

const children: ChildProcess[] = []
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal)
  })
}

run(['--watch', '--watch-preserve-output', 'packages/server/src/main.js'])
await ready()
console.log(`Simulated devices write to the project Greenhouse. API token: ${TOKEN}`)
keepRunning(['examples/simulate-devices.ts'])

function run(args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { cwd: ROOT, env: environment, stdio: 'inherit' })
  children.push(child)
  return child
}

/** The devices stumble whenever the server starts again; a moment later they are back. */
function keepRunning(args: string[]): void {
  run(args).once('exit', (code) => {
    if (code !== null && code !== 0) setTimeout(() => keepRunning(args), 2_000)
  })
}

async function ready(): Promise<void> {
  for (;;) {
    const reply = await fetch(`${environment.SONDE_URL}/readyz`).catch(() => undefined)
    if (reply?.ok) return
    await sleep(200)
  }
}
