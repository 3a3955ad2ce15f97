/** `sonde export`: points of any number, to a file or into a pipe. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { QueryRequest } from '@sonde/client'
import { Command, Option } from 'commander'
import { EXIT_INTERRUPTED, ToldFailure } from '../failure.ts'
import { openProgress, type Progress } from '../progress.ts'
import { addRangeOptions, type RangeOptions, readSeries, TIMES_HELP } from '../series-options.ts'
import { remark, type Shell } from '../shell.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { type ApiServer, withApi } from '../with-server.ts'
import { writeFile } from '../write-file.ts'

type Format = 'csv' | 'ndjson' | 'json'

interface Options extends RangeOptions {
  readonly every?: string
  readonly agg?: string
  readonly tz?: string
  readonly format?: Format
  readonly output?: string
  readonly json?: true
}

const EXAMPLES = `
${TIMES_HELP} The answer is written while it comes, so that it may be of any
length. A file appears under its name when it is whole; one called ….gz is packed.

Examples:
  sonde export --project Home --output home.csv
  sonde export --project Home --start 2026-01-01 --end 2026-02-01 --output january.ndjson.gz
  sonde export d--0001 --every 1h --agg min,mean,max | head`

export function exportCommand(shell: Shell): Command {
  return addRangeOptions(new Command('export').description('write points into a file or a pipe'))
    .option('--every <interval>', 'aggregates of intervals, such as 1h, in place of points')
    .option('--agg <names>', 'which ones, separated by commas (default: mean)')
    .option('--tz <zone>', 'time zone of days and longer (default: UTC)')
    .addOption(
      new Option('--format <format>', 'of the file (default: by its name, else csv)').choices([
        'csv',
        'ndjson',
        'json',
      ]),
    )
    .option('--json', 'the same as --format json')
    .option('--output <file>', 'where to write (default: standard output)')
    .addHelpText('after', EXAMPLES)
    .action(async (slugs: string[], options: Options, command: Command) => {
      const series = readSeries(command, slugs, options)
      await untilInterrupted(async (signal) => {
        try {
          await withApi(command, shell, (server) => exportPoints(shell, server, { series, options, signal }))
        } catch (error) {
          if (!signal.aborted) throw error
          remark(shell, options.output ? 'Program stopped; nothing was written' : 'Program stopped')
          throw new ToldFailure(EXIT_INTERRUPTED)
        }
      })
    })
}

interface Job {
  readonly series: QueryRequest
  readonly options: Options
  readonly signal: AbortSignal
}

async function exportPoints(
  shell: Shell,
  { api, connection }: ApiServer,
  { series, options, signal }: Job,
): Promise<void> {
  const { start, end, every, agg, tz, output } = options
  const format = options.json ? 'json' : (options.format ?? formatOf(output))
  const isWatched = shell.errors.isTTY === true && (output !== undefined || !shell.output.isTTY)
  // Lines are points in these two formats alone, and only without aggregates.
  const isCounted = isWatched && format !== 'json' && every === undefined && agg === undefined
  const [count] = isCounted ? await api.query({ ...series, start, end, by: 'none', agg: 'count' }) : []
  const filter = series.filter === undefined ? undefined : [series.filter].flat().join(',')
  const { project, device, variable } = options
  const response = await connection.ask('query/', {
    parameters: { filter, project, device, variable, start, end, every, agg, tz, format },
    signal,
  })
  const counter = new Counter(
    openProgress(isWatched ? shell.errors : NO_TERMINAL, Number(count?.values[0] ?? 0)),
  )
  const content = Readable.from(counter.pass(response.body ?? Readable.from([])))
  try {
    if (output === undefined) await pipeline(content, shell.output, { end: false, signal })
    else await writeFile(output, content, { signal })
  } finally {
    counter.progress.stop()
  }
  if (output === undefined) return format === 'json' ? void shell.output.write('\n') : undefined
  const rows = format === 'csv' ? Math.max(counter.lineCount - 1, 0) : counter.lineCount
  remark(shell, `Wrote ${format === 'json' ? `${counter.byteCount} bytes` : `${rows} rows`} into ${output}`)
}

const NO_TERMINAL = { isTTY: false } as unknown as Shell['errors']
const NEWLINE = 10
const MIB = 1024 * 1024

class Counter {
  readonly progress: Progress
  lineCount = 0
  byteCount = 0

  constructor(progress: Progress) {
    this.progress = progress
  }

  async *pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) this.lineCount++
      this.byteCount += chunk.length
      this.progress.update(
        this.lineCount,
        `Exporting, ${this.lineCount} rows, ${Math.floor(this.byteCount / MIB)} MiB`,
      )
      yield chunk
    }
  }
}

function formatOf(path = ''): Format {
  const [, name] = /\.(json|ndjson)(?:\.gz)?$/.exec(path) ?? []
  return (name as Format | undefined) ?? 'csv'
}
