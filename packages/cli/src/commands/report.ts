/** `sonde report`: what streams add up to, by the server. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import { printTable } from '../resources/show-resources.ts'
import { TIMES_HELP } from '../series-options.ts'
import { print, remark, type Shell } from '../shell.ts'
import { withApi } from '../with-server.ts'
import { writeFile } from '../write-file.ts'

interface Options {
  readonly start: string
  readonly end?: string
  readonly every?: string
  readonly tz?: string
  readonly format?: 'table' | 'json' | 'csv' | 'html'
  readonly output?: string
  readonly json?: true
}

interface Sums {
  readonly streams: Readonly<Record<string, { readonly sum: number; readonly units: string }>>
  readonly total: number
  readonly periods?: readonly { readonly start: string; readonly end: string; readonly total: number }[]
  readonly skipped?: readonly string[]
}

const EXAMPLES = `
Adds up output values: what meters counted, in the units that people read. Streams need a record
("sonde stream list") and those whose sum is 0 are left out. ${TIMES_HELP}

Examples:
  sonde report p--0000-0001 --start 2026-01-01 --end 2026-02-01
  sonde report d--0001 d--0002 --start -1y --every 1mo --tz Europe/Madrid
  sonde report p--0000-0001 --start -30d --every 1d --output report.html`

export function reportCommand(shell: Shell): Command {
  return new Command('report')
    .description('add up what streams have counted')
    .argument('<slugs...>', 'projects, devices and streams; a stream counts once')
    .requiredOption('--start <time>', 'first moment')
    .option('--end <time>', 'moment before which the range ends (default: now)')
    .option('--every <interval>', 'also by calendar period: 1d, 1w, 1mo')
    .option('--tz <zone>', 'time zone of periods, and of times that name none (default: UTC)')
    .addOption(
      new Option('--format <format>', 'of the report (default: by the name of the file, else table)').choices(
        ['table', 'json', 'csv', 'html'],
      ),
    )
    .option('--json', 'the same as --format json')
    .option('--output <file>', 'where to write (default: standard output)')
    .addHelpText('after', EXAMPLES)
    .action(async (sources: string[], options: Options, command: Command) => {
      const { start, end, every, tz, output } = options
      const format = options.json ? 'json' : (options.format ?? formatOf(output))
      if (format === 'table' && output !== undefined) {
        command.error('error: a file takes --format json, csv or html, or a name that ends with one of them')
      }
      await withApi(command, shell, async ({ connection }) => {
        const response = await connection.ask('report/accumulation/', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            sources,
            start,
            end,
            every,
            tz,
            format: format === 'table' ? 'json' : format,
          }),
        })
        if (format === 'table') return printSums(shell, (await response.json()) as Sums)
        const content = Readable.from(response.body ?? [])
        if (output !== undefined) {
          await writeFile(output, content)
          return remark(shell, `Wrote ${output}`)
        }
        await pipeline(content, shell.output, { end: false })
        if (format === 'json') print(shell, '')
      })
    })
}

function formatOf(path = ''): 'table' | 'json' | 'csv' | 'html' {
  const [, name] = /\.(json|csv|html)(?:\.gz)?$/.exec(path) ?? []
  return (name as 'json' | 'csv' | 'html' | undefined) ?? 'table'
}

async function printSums(shell: Shell, { streams, total, periods, skipped = [] }: Sums): Promise<void> {
  const rows = Object.entries(streams).map(([stream, { sum, units }]) => ({ stream, sum, units }))
  await printTable(shell, { stream: 'stream', sum: 'sum', units: 'units' }, [
    ...rows,
    { stream: 'total', sum: total },
  ])
  if (periods !== undefined) {
    print(shell, '')
    await printTable(shell, { from: 'start', to: 'end', total: 'total' }, periods)
  }
  for (const source of skipped)
    remark(shell, `${source} is left out: it is not there, or nothing that counts`)
}
