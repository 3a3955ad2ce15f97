/** `sonde tail`: new points as they come. */
import { setTimeout as sleep } from 'node:timers/promises'
import { RestConnectionError } from '@sonde/client'
import { Command, Option } from 'commander'
import { Failure } from '../failure.ts'
import { addSeriesOptions, readSeries, type SeriesOptions, TIMES_HELP } from '../series-options.ts'
import { print, remark, type Shell } from '../shell.ts'
import { oneLine } from '../table.ts'
import { type NewPoint, newPoints, openTail } from '../tail/new-points.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { type ApiServer, withApi } from '../with-server.ts'

interface Options extends SeriesOptions {
  readonly start?: string
  readonly count?: string
  readonly interval: string
  readonly format: 'table' | 'csv' | 'ndjson'
  readonly json?: true
}

const EXAMPLES = `
It asks the server every two seconds what is newer than the newest point of each stream; points that come late,
with older times, are not shown. Ctrl-C ends it. ${TIMES_HELP}

Examples:
  sonde tail --project Home
  sonde tail --project Home --variable temp --start -10m
  sonde tail --device boiler --json | jq .value
  sonde tail v--0000-0001--5001 --count 1`

export function tailCommand(shell: Shell): Command {
  return addSeriesOptions(new Command('tail').description('show new points as they come'))
    .option('--start <time>', 'show points from then on first (default: new ones only)')
    .option('--count <points>', 'end after so many (default: run until Ctrl-C)')
    .option('--interval <seconds>', 'time between two looks', '2')
    .addOption(
      new Option('--format <format>', 'of the points').choices(['table', 'csv', 'ndjson']).default('table'),
    )
    .option('--json', 'the same as --format ndjson')
    .addHelpText('after', EXAMPLES)
    .action(async (slugs: string[], options: Options, command: Command) => {
      const series = readSeries(command, slugs, options)
      const countMax = options.count === undefined ? Infinity : Number(options.count)
      if (!(countMax >= 1)) command.error('error: --count takes a number from 1 on')
      const pauseMs = Number(options.interval) * 1_000
      if (!(pauseMs >= 100 && pauseMs <= 3_600_000))
        command.error('error: --interval takes 0.1 to 3600 seconds')
      const work = (signal: AbortSignal) => (server: ApiServer) =>
        tail(shell, server, { series, options, countMax, pauseMs, signal })
      await untilInterrupted((signal) => withApi(command, shell, work(signal)))
    })
}

interface Job {
  readonly series: ReturnType<typeof readSeries>
  readonly options: Options
  readonly countMax: number
  readonly pauseMs: number
  readonly signal: AbortSignal
}

async function tail(
  shell: Shell,
  { api, isOwn }: ApiServer,
  { series, options, countMax, pauseMs, signal }: Job,
): Promise<void> {
  if (isOwn)
    throw new Failure('No server runs on the data folder, so that nothing new can come; "sonde serve" is one')
  const format = options.json ? 'ndjson' : options.format
  const state = await openTail(api, { series, start: options.start })
  // Whoever sees this line knows that what is written from now on will follow.
  if (format === 'csv') print(shell, 'time,device,variable,stream,value')
  let count = 0
  let isSilent = false
  while (!signal.aborted) {
    try {
      for await (const point of newPoints(api, state)) {
        print(shell, FORMATS[format](point))
        count++
        if (count >= countMax || signal.aborted) return
      }
      isSilent = false
    } catch (error) {
      if (!(error instanceof RestConnectionError)) throw error
      if (!isSilent) remark(shell, `No answer from ${api.domain}; trying on`)
      isSilent = true
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
}

const FORMATS = {
  table: ({ time, device, variable, value }: NewPoint) => {
    const names = [time.padEnd(27), oneLine(device).padEnd(16), oneLine(variable).padEnd(16)]
    return [...names, oneLine(value)].join('  ')
  },
  csv: ({ time, device, variable, stream, value }: NewPoint) =>
    [time, quoted(device ?? ''), quoted(variable ?? ''), stream, quoted(String(value))].join(','),
  ndjson: (point: NewPoint) => JSON.stringify(point),
} as const

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
