/** `sonde series`: what boards have written through the timeseries API. */
import { Command } from 'commander'
import { drawPlot } from '../plot/draw-plot.ts'
import { addPictureOptions, type PictureOptions, readPicture } from '../plot/picture-options.ts'
import { printTable } from '../resources/show-resources.ts'
import { listSeries, readSeriesPlot } from '../series/read-series.ts'
import { hasColours, print, printJson, remark, type Shell } from '../shell.ts'
import { withOpenServer } from '../with-open-server.ts'

interface PlotOptions extends PictureOptions {
  readonly from?: string
  readonly to?: string
  readonly field?: readonly string[]
  readonly json?: true
}

const COLUMNS = {
  id: 'id',
  device: 'device_id',
  description: 'device_desc',
  about: 'desc',
  points: 'count',
  since: 'timestamp',
  user: 'user',
}

const SERIES_MAX = 6

const EXAMPLES = `
Everybody may read series, so that no login is needed. Times are those of the server's clock: 2026-05-01,
"2026-05-01 12:00", 12:00 today, or with a zone; the plot shows them as that clock does.

Examples:
  sonde series list
  sonde series plot 1
  sonde series plot 1 --from 2026-05-01 --field temp_C --field humidity`

export function seriesCommand(shell: Shell): Command {
  return new Command('series')
    .description('list and draw the series of the timeseries API')
    .addCommand(listCommand(shell))
    .addCommand(plotCommand(shell))
    .addHelpText('after', EXAMPLES)
}

function listCommand(shell: Shell): Command {
  return new Command('list')
    .description('list all series')
    .option('--json', 'print them as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { json?: true }, command: Command) => {
      await withOpenServer(command, shell, async (url) => {
        const series = await listSeries(url)
        if (json) printJson(shell, series)
        else await printTable(shell, COLUMNS, series)
      })
    })
}

function plotCommand(shell: Shell): Command {
  const command = new Command('plot')
    .description('draw the fields of a series in the terminal')
    .argument('<id>', 'as "sonde series list" shows it')
    .option('--from <time>', 'first moment (default: two days before the last)')
    .option('--to <time>', 'last moment (default: now)')
    .option('--field <name>', 'draw this one; may be given several times (default: the first six)', collect)
  return addPictureOptions(command)
    .option('--json', 'print what would be drawn as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: PlotOptions, command: Command) => {
      const picture = readPicture(command, shell, options)
      const { from, to, field: fields, json } = options
      if (fields !== undefined && fields.length > SERIES_MAX) {
        command.error(`error: --field may be given ${SERIES_MAX} times`)
      }
      await withOpenServer(command, shell, async (url) => {
        const bounds = { columnsMax: 2 * picture.width, seriesMax: SERIES_MAX }
        const data = await readSeriesPlot(url, { id, from, to, fields }, bounds)
        if (json) return printJson(shell, data?.series ?? [])
        if (data === undefined) return remark(shell, 'No numbers to draw in this time; --from sets another')
        const frame = { ...data, ...picture, timeZone: 'UTC', hasColours: hasColours(shell) }
        for (const line of drawPlot(data.series, frame)) print(shell, line)
        if (data.leftOutCount > 0) remark(shell, `${data.leftOutCount} more fields; name some with --field`)
      })
    })
}

function collect(field: string, fields: readonly string[] = []): readonly string[] {
  return [...fields, field]
}
