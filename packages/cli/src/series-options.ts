/** How commands are told which series they are about: slugs, or names. */
import type { QueryRequest } from '@sonde/client'
import type { Command } from 'commander'

export interface SeriesOptions {
  readonly project?: string
  readonly device?: string
  readonly variable?: string
}

export interface RangeOptions extends SeriesOptions {
  readonly start?: string
  readonly end?: string
}

export const TIMES_HELP = 'Times are ISO 8601, milliseconds since 1970, or back from now: -24h, -7d.'

export function addSeriesOptions(command: Command): Command {
  return command
    .argument('[slugs...]', 'streams, devices, variables or projects; or give names with the options')
    .option('--project <name>', 'name, slug or UUID')
    .option('--device <name>', 'name or slug')
    .option('--variable <name>', 'name or slug')
}

export function addRangeOptions(command: Command): Command {
  return addSeriesOptions(command)
    .option('--start <time>', 'first moment (default: the first point)')
    .option('--end <time>', 'moment before which the range ends (default: the last point)')
}

/** Ends the command with a usage error when it names nothing. */
export function readSeries(
  command: Command,
  slugs: readonly string[],
  { project, device, variable }: SeriesOptions,
): Pick<QueryRequest, 'filter' | 'project' | 'device' | 'variable'> {
  if (slugs.length === 0 && !project && !device && !variable) {
    command.error('error: say what to read: slugs, or --project, --device or --variable')
  }
  return { ...(slugs.length > 0 ? { filter: slugs } : {}), project, device, variable }
}
