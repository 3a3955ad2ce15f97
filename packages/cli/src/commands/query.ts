/** `sonde query`: points and aggregates of a server. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import type { Connection } from '../connection.ts'
import { readLines } from '../events.ts'
import { remark, type Shell } from '../shell.ts'
import { type Cell, tableLines } from '../table.ts'
import { withServer } from '../with-server.ts'

interface Options {
  readonly project?: string
  readonly device?: string
  readonly variable?: string
  readonly start?: string
  readonly end?: string
  readonly every?: string
  readonly agg?: string
  readonly by?: string
  readonly fill?: string
  readonly tz?: string
  readonly limit?: string
  readonly format: 'table' | 'json' | 'csv' | 'ndjson'
  readonly json?: true
}

const EXAMPLES = `
Times are ISO 8601, milliseconds since 1970, or back from now: -24h, -7d. Intervals are 30s, 5m, 1h, 1d,
1w, 1mo, 1y. Aggregates are mean, min, max, sum, count, first, last, delta and increase.

Examples:
  sonde query --project Home --device boiler --start -24h
  sonde query --project Home --variable temp --start -7d --every 1d --agg min,mean,max --tz Europe/Madrid
  sonde query v--0000-0001--5001 --every 1mo --agg sum --by none --format csv > sums.csv`

export function queryCommand(shell: Shell): Command {
  return new Command('query')
    .description('read points, or aggregates of them')
    .argument('[slugs...]', 'streams, devices, variables or projects; or give names with the options')
    .option('--project <name>', 'name, slug or UUID')
    .option('--device <name>', 'name or slug')
    .option('--variable <name>', 'name or slug')
    .option('--start <time>', 'first moment (default: the first point)')
    .option('--end <time>', 'moment before which the range ends (default: the last point)')
    .option('--every <interval>', 'width of a row, such as 1h')
    .option('--agg <names>', 'aggregates, separated by commas (default with --every: mean)')
    .option('--by <part>', 'what makes one series: stream, device, variable or none')
    .option('--fill <how>', 'what stands in an empty interval: null, previous or linear')
    .option('--tz <zone>', 'time zone of days and longer, and of times that name none (default: UTC)')
    .option('--limit <rows>', 'rows of each series at most')
    .addOption(
      new Option('--format <format>', 'of the answer')
        .choices(['table', 'json', 'csv', 'ndjson'])
        .default('table'),
    )
    .option('--json', 'the same as --format json')
    .addHelpText('after', EXAMPLES)
    .action(async (slugs: string[], options: Options, command: Command) => {
      if (slugs.length === 0 && !options.project && !options.device && !options.variable) {
        command.error('error: say what to read: slugs, or --project, --device or --variable')
      }
      await withServer(command, shell.environment, (connection) =>
        query(shell, { connection, slugs, options }),
      )
    })
}

async function query(
  shell: Shell,
  { connection, slugs, options }: { connection: Connection; slugs: readonly string[]; options: Options },
): Promise<void> {
  const { format: wished, json, ...parameters } = options
  const format = json ? 'json' : wished
  const response = await connection.ask('query/', {
    parameters: {
      ...parameters,
      filter: slugs.length > 0 ? slugs.join(',') : undefined,
      format: format === 'table' ? 'ndjson' : format,
    },
  })
  const output = format === 'table' ? tableOf(shell, response) : response.body
  if (output !== null) await pipeline(Readable.from(output), shell.output, { end: false })
  if (format === 'json') shell.output.write('\n')
}

/** The server's lines, the keys of the first as headers. */
async function* tableOf(shell: Shell, response: Response): AsyncGenerator<string> {
  const lines = readLines(response)
  const first = await lines.next()
  if (first.done) {
    remark(shell, 'No points')
    return
  }
  const headers = Object.keys(JSON.parse(first.value))
  const rows = async function* (): AsyncGenerator<Cell[]> {
    yield Object.values(JSON.parse(first.value))
    for await (const line of lines) yield Object.values(JSON.parse(line))
  }
  for await (const line of tableLines(headers, rows())) yield `${line}\n`
}
