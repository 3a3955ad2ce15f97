/** `sonde plot`: series as a picture in the terminal. */
import { Command, Option } from 'commander'
import { drawPlot } from '../plot/draw-plot.ts'
import { addPictureOptions, type PictureOptions, readPicture } from '../plot/picture-options.ts'
import { readPlot } from '../plot/read-plot.ts'
import { addRangeOptions, type RangeOptions, readSeries, TIMES_HELP } from '../series-options.ts'
import { hasColours, print, printJson, remark, type Shell } from '../shell.ts'
import { withApi } from '../with-server.ts'

interface Options extends RangeOptions, PictureOptions {
  readonly by?: 'stream' | 'device' | 'variable' | 'none'
  readonly tz: string
  readonly json?: true
}

const SERIES_MAX = 6

const EXAMPLES = `
${TIMES_HELP} A column of the picture shows the least and the greatest value of
its time, however many points there are. On a terminal with colours all series share one picture; elsewhere,
and with NO_COLOR, each gets its own. Texts are not drawn.

Examples:
  sonde plot --project Home --variable temp --start -24h
  sonde plot --device boiler --start -7d --tz Europe/Madrid
  sonde plot --project Home --variable power --by none --height 8`

export function plotCommand(shell: Shell): Command {
  const command = addRangeOptions(new Command('plot').description('draw series in the terminal'))
    .addOption(
      new Option('--by <part>', 'what makes one series').choices(['stream', 'device', 'variable', 'none']),
    )
    .option('--tz <zone>', 'time zone of the labels, and of times that name none', 'UTC')
  return addPictureOptions(command)
    .option('--json', 'print what would be drawn as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (slugs: string[], options: Options, command: Command) => {
      const series = readSeries(command, slugs, options)
      const { width, height } = readPicture(command, shell, options)
      const { start, end, by, tz, json } = options
      await withApi(command, shell, async ({ api }) => {
        const request = { ...series, start, end, by, tz }
        const data = await readPlot(api, request, { intervalsMax: 2 * width, seriesMax: SERIES_MAX })
        if (json) return printJson(shell, data?.series ?? [])
        if (data === undefined) return remark(shell, 'No numbers to draw')
        const frame = { ...data, timeZone: tz, width, height, hasColours: hasColours(shell) }
        for (const line of drawPlot(data.series, frame)) print(shell, line)
        if (data.leftOutCount > 0) {
          remark(
            shell,
            `${data.leftOutCount} more series; name fewer of them, or put them together with --by`,
          )
        }
      })
    })
}
