/** `sonde demo`: a house that is not there, with a year of history, and what it measures from now on. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type PointWriter, RestBaseException } from '@sonde/client'
import { Command } from 'commander'
import { FLEET, readingsAt, STREAM_COUNT } from '../demo/fleet.ts'
import { type DemoPlan, planDemo, planLimit } from '../demo/plan-demo.ts'
import { EXIT_INTERRUPTED, Failure, ToldFailure } from '../failure.ts'
import { openProgress } from '../progress.ts'
import { print, printJson, remark, type Shell } from '../shell.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { type ApiServer, withApi } from '../with-server.ts'

interface Options {
  readonly project: string
  readonly org?: string
  readonly days: string
  readonly pointsMax: string
  readonly interval: string
  readonly once?: true
  readonly json?: true
}

const EXAMPLES = `
A house with a greenhouse: ${FLEET.length} devices with ${STREAM_COUNT} variables, sun, weather and habits. What they measure follows
from the time alone, so that a second run writes the same points over the first. Ctrl-C ends it; the project
stays, and goes with its streams, devices and variables.

Examples:
  sonde demo
  sonde demo --days 30 --once
  sonde demo --project Showroom --interval 1`

export function demoCommand(shell: Shell): Command {
  return new Command('demo')
    .description('fill a server with a house of devices, and keep them measuring')
    .option('--project <name>', 'where they go; made when it is missing', 'Demo House')
    .option('--org <slug>', 'organization of the project, where its name leaves a choice')
    .option('--days <count>', 'of history, 0 to 3650', '365')
    .option('--points-max <count>', 'points of history at most; the more, the closer they are', '2000000')
    .option('--interval <seconds>', 'between two points of a device from now on', '5')
    .option('--once', 'end after the history')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options, command: Command) => {
      const days = Number(options.days)
      if (!(days >= 0 && days <= 3_650)) command.error('error: --days takes 0 to 3650')
      const intervalMs = Number(options.interval) * 1_000
      if (!(intervalMs >= 100 && intervalMs <= 3_600_000))
        command.error('error: --interval takes 0.1 to 3600 seconds')
      const limit = planLimit(Number(options.pointsMax))
      if (typeof limit === 'string') return command.error(`error: ${limit}`)
      const plan = planDemo({ nowMs: Date.now(), days, pointsMax: limit })
      await untilInterrupted((signal) =>
        withApi(command, shell, (server) => demo(shell, server, { options, plan, intervalMs, signal }), {
          mayCreate: true,
        }),
      )
    })
}

interface Job {
  readonly options: Options
  readonly plan: DemoPlan
  readonly intervalMs: number
  readonly signal: AbortSignal
}

async function demo(
  shell: Shell,
  server: ApiServer,
  { options, plan, intervalMs, signal }: Job,
): Promise<void> {
  const { project, org } = options
  const writer = server.api.openWriter({ project, org, batchPointsMax: 20_000, bufferPointsMax: 40_000 })
  try {
    await writeHistory(shell, writer, plan, signal)
    if (signal.aborted) {
      remark(shell, 'Program stopped; what was stored by then stays')
      throw new ToldFailure(EXIT_INTERRUPTED)
    }
    tell(shell, server, options, plan)
    if (!options.once) await keepMeasuring(shell, writer, { intervalMs, signal })
  } finally {
    // Its last points are written, or their failure is what the command ends with already.
    await writer.close().catch(() => {})
  }
}

async function writeHistory(
  shell: Shell,
  writer: PointWriter,
  plan: DemoPlan,
  signal: AbortSignal,
): Promise<void> {
  const progress = openProgress(shell.errors, plan.pointCount)
  let count = 0
  try {
    for (let timeMs = plan.fromMs; timeMs < plan.toMs && !signal.aborted; timeMs += plan.stepMs) {
      await writer.write(readingsAt(timeMs))
      count += STREAM_COUNT
      const done = count - writer.pendingCount
      progress.update(done, `Writing ${done} of ${plan.pointCount} points`)
    }
    const { rejectedCount, rejected } = await writer.flush()
    if (rejectedCount > 0) {
      throw new Failure(`The server rejects ${rejectedCount} points; the first: ${rejected[0]?.reason}`)
    }
  } finally {
    progress.stop()
  }
}

function tell(
  shell: Shell,
  { address, isOwn }: ApiServer,
  { project, once, interval, json }: Options,
  plan: DemoPlan,
): void {
  const { fromMs, stepMs, pointCount } = plan
  if (json) {
    const from = new Date(fromMs).toISOString()
    const counts = { devices: FLEET.length, streams: STREAM_COUNT, points: pointCount }
    printJson(shell, { url: address.url, project, ...counts, from, step_s: stepMs / 1_000 })
    return
  }
  const name = /^[\w.-]+$/.test(project) ? project : JSON.stringify(project)
  print(
    shell,
    `Wrote ${pointCount} points of ${FLEET.length} devices into the project ${project}, one every ${stepMs / 60_000} minutes since ${new Date(fromMs).toISOString().slice(0, 10)}`,
  )
  print(
    shell,
    isOwn ? 'No server runs on the data folder; "sonde serve" shows it' : `Look at it: ${address.url}/`,
  )
  print(shell, 'Or ask for it here:')
  print(shell, `  sonde plot --project ${name} --variable temperature --start -3d`)
  print(
    shell,
    `  sonde query --project ${name} --device "power meter" --variable energy --every 1mo --agg delta`,
  )
  print(shell, `  sonde tail --project ${name} --device "weather station"`)
  if (!once) print(shell, `Each device measures every ${interval} s, until Ctrl-C`)
}

/** A server that is away for a while misses points; the devices go on. */
async function keepMeasuring(
  shell: Shell,
  writer: PointWriter,
  { intervalMs, signal }: { intervalMs: number; signal: AbortSignal },
): Promise<void> {
  let isSilent = false
  while (!signal.aborted) {
    try {
      // What an earlier failure has left goes first.
      if (isSilent) await writer.flush()
      await writer.write(readingsAt(Math.floor(Date.now() / 1_000) * 1_000))
      await writer.flush()
      isSilent = false
    } catch (error) {
      if (!(error instanceof RestBaseException)) throw error
      if (!isSilent) remark(shell, `${error.message}; trying on`)
      isSilent = true
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => {})
  }
}
