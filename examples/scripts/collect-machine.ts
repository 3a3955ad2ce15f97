/**
 * A collector: what this machine is busy with, written every ten seconds until Ctrl-C.
 * `node examples/scripts/collect-machine.ts` writes to SONDE_URL with SONDE_TOKEN, into the project Machines;
 * `--count 3` stops after three rounds, `--pause 1000` waits a second between them.
 */
import { cpus, freemem, hostname, loadavg, totalmem, uptime } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Api, RestBaseException } from '@sonde/client'

const { values } = parseArgs({
  options: { count: { type: 'string', default: 'Infinity' }, pause: { type: 'string', default: '10000' } },
})
const api = new Api({
  domain: process.env.SONDE_URL ?? 'http://localhost:8080',
  token: process.env.SONDE_TOKEN ?? null,
  tokenType: 'Bearer',
})

// Points go out in batches, and again while the server is away for a moment; what waits is bounded.
const writer = api.openWriter({ project: 'Machines' })
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
process.once('SIGTERM', () => interrupted.abort())

let isBehind = false
for (let round = 0; round < Number(values.count) && !interrupted.signal.aborted; round++) {
  if (round > 0) await sleep(Number(values.pause), undefined, interrupted).catch(() => {})
  const time = new Date()
  const points = Object.entries(readMachine()).map(([variable, value]) => ({
    device: hostname(),
    variable,
    value,
    time,
  }))
  try {
    // After a failure what waits goes first; the points of a round that finds the server away are given up.
    if (isBehind) await writer.flush()
    isBehind = false
    await writer.write(points)
  } catch (error) {
    if (!(error instanceof RestBaseException)) throw error
    if (!isBehind) console.error(`${error.message}; trying on`)
    isBehind = true
  }
}
const { writtenCount } = await writer.close()
console.log(`Wrote ${writtenCount} points`)

function readMachine() {
  const [load] = loadavg()
  const busy = cpus().map(
    ({ times }) => 1 - times.idle / (times.user + times.nice + times.sys + times.irq + times.idle),
  )
  return {
    load,
    'memory used': 100 * (1 - freemem() / totalmem()),
    'processor used': (100 * busy.reduce((sum, part) => sum + part, 0)) / busy.length,
    uptime: Math.round(uptime()),
  }
}
