/** `sonde write`: a point from the command line, or points from standard input. */
import type { PointInput, WriteReport } from '@sonde/client'
import { Command } from 'commander'
import { EXIT_FAILED, EXIT_INTERRUPTED, ToldFailure } from '../failure.ts'
import { openProgress } from '../progress.ts'
import { numberedLines } from '../read-lines.ts'
import { print, printJson, remark, type Shell } from '../shell.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { type ApiServer, withApi } from '../with-server.ts'

interface Options {
  readonly project: string
  readonly org?: string
  readonly device?: string
  readonly variable?: string
  readonly time?: string
  readonly text?: true
  readonly json?: true
}

interface LinePoint extends PointInput {
  readonly line: number
}

interface BadLine {
  readonly line: number
  readonly reason: string
}

const LISTED_MAX = 100

const EXAMPLES = `
Without a value, lines of standard input are read. A line is
  a JSON object    {"device": "boiler", "variable": "temp", "value": 21.5, "time": "2026-05-01T12:00:00Z"}
                   device and variable may be left out when the options name them
  or a value       21.5, on, true; the options then name device and variable
Points without a time are of now. What looks like a number or is true or false is stored as a number; --text
stores texts. Projects, devices and variables that do not exist are made when the token may. Lines that
cannot be stored are listed; the others are stored.

Examples:
  sonde write 21.5 --project Home --device boiler --variable temp
  sonde write shut --project Home --device valve --variable state --time 2026-05-01T12:00:00Z
  vmstat -n 1 | awk 'NR > 2 { print $15; fflush() }' | sonde write --project Home --device pc --variable idle`

export function writeCommand(shell: Shell): Command {
  return new Command('write')
    .description('write a point, or those of standard input')
    .argument('[value]', 'a number or a text (default: lines of standard input)')
    .requiredOption('--project <name>', 'name, slug or UUID; made when it is missing')
    .option('--org <slug>', 'organization of the project, where its name leaves a choice')
    .option('--device <name>', 'the device of points that name none')
    .option('--variable <name>', 'the variable of points that name none')
    .option('--time <time>', 'ISO 8601, of points that name none (default: now)')
    .option('--text', 'store values as texts, whatever they look like')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (value: string | undefined, options: Options, command: Command) => {
      const isComplete = options.device !== undefined && options.variable !== undefined
      if (value !== undefined && !isComplete) {
        command.error('error: say what the value is of, with --device and --variable')
      }
      await untilInterrupted((signal) =>
        withApi(command, shell, (server) => writePoints(shell, server, { value, options, signal }), {
          mayCreate: true,
        }),
      )
    })
}

async function writePoints(
  shell: Shell,
  { api }: ApiServer,
  { value, options, signal }: { value: string | undefined; options: Options; signal: AbortSignal },
): Promise<void> {
  const bad: BadLine[] = []
  let badCount = 0
  const refuse = (line: number, reason: string) => {
    badCount++
    if (bad.length < LISTED_MAX) bad.push({ line, reason })
  }
  const writer = api.openWriter({
    project: options.project,
    org: options.org,
    onRejected: (rejections) => {
      for (const { point, reason } of rejections) refuse((point as LinePoint).line, reason)
    },
  })
  // What was read before Ctrl-C is written: a pipe that never ends is ended so.
  const stop = () => (shell.input as Partial<NodeJS.ReadStream>).destroy?.()
  signal.addEventListener('abort', stop, { once: true })
  // Nobody knows how many lines will come; somebody who types them sees them already.
  const progress = shell.input.isTTY ? undefined : openProgress(shell.errors, 0)
  try {
    const lines = value === undefined ? numberedLines(shell.input) : [{ line: 1, text: value }]
    for await (const { line, text } of lines) {
      const point = pointOf(text, { line, options, isValue: value !== undefined })
      if (typeof point === 'string') refuse(line, point)
      else await writer.write(point)
      progress?.update(line, `Writing line ${line}`)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    progress?.stop()
  }
  tell(shell, options, { report: await writer.close(), bad, badCount })
  if (signal.aborted) throw new ToldFailure(EXIT_INTERRUPTED)
}

/** A string is the reason why the line is none. */
function pointOf(
  text: string,
  { line, options, isValue }: { line: number; options: Options; isValue: boolean },
): LinePoint | string {
  const named = { device: options.device ?? '', variable: options.variable ?? '', time: options.time, line }
  if (isValue || !text.startsWith('{')) {
    if (named.device === '' || named.variable === '') {
      return 'a value alone needs --device and --variable; else write a JSON object'
    }
    return { ...named, value: options.text ? text : readValue(text) }
  }
  try {
    return { ...named, ...JSON.parse(text), line }
  } catch {
    return 'this is no JSON object, though it begins as one'
  }
}

function readValue(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text
}

/** @throws {ToldFailure} some lines were left out. */
function tell(
  shell: Shell,
  { json }: Options,
  { report, bad, badCount }: { report: WriteReport; bad: readonly BadLine[]; badCount: number },
): void {
  const { writtenCount } = report
  if (json) printJson(shell, { written: writtenCount, rejected: badCount, rejections: bad })
  else {
    for (const { line, reason } of bad) remark(shell, `line ${line}: ${reason}`)
    if (badCount > bad.length) remark(shell, `… and ${badCount - bad.length} more`)
    print(shell, `Wrote ${writtenCount} points, ${badCount} rejected`)
  }
  if (badCount > 0) throw new ToldFailure(EXIT_FAILED)
}
