/** `sonde import csv`: any CSV file that has one column of times. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Command, Option } from 'commander'
import type { Connection } from '../connection.ts'
import { type ImportEvent, readEvents } from '../events.ts'
import { EXIT_FAILED, EXIT_INTERRUPTED, Failure, ToldFailure } from '../failure.ts'
import { openProgress, type Progress } from '../progress.ts'
import { type Input, print, remark, type Shell } from '../shell.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { withServer } from '../with-server.ts'

interface Options {
  readonly project: string
  readonly org?: string
  readonly device?: string
  readonly deviceColumn?: string
  readonly timeColumn?: string
  readonly timeFormat?: string
  readonly tz?: string
  readonly columns?: string
  readonly delimiter?: string
  readonly decimal?: string
  readonly json?: true
}

/** What the server said of the file. */
interface Outcome {
  readonly done: ImportEvent
  readonly rejections: readonly ImportEvent[]
}

const EXAMPLES = `
Every column but the one of times becomes a variable of the device, named by its header. Rows that cannot
be stored are listed and left out; the others are stored. The same file again writes the same points over.

Time formats:
  iso              2024-05-01T12:00:00Z, 2024-05-01 12:00; without a zone in --tz (default)
  s, ms, us, ns    numbers since 1970
  a pattern        of YYYY YY MMM MM M DD D HH H mm ss SSS A, such as "D MMM YYYY HH:mm:ss"

Examples:
  sonde import csv boiler.csv --project Home --device boiler
  sonde import csv export.csv --project Home --device-column sensor --time-column date \\
    --time-format "DD/MM/YYYY HH:mm" --tz Europe/Madrid --delimiter ";" --decimal comma
  zcat old.csv.gz | sonde import csv - --project Home --device boiler --columns "temp,humidity"`

export function importCsvCommand(shell: Shell): Command {
  return new Command('csv')
    .description('import a CSV file; - reads standard input')
    .argument('<file>', 'the file, in UTF-8 with a header')
    .requiredOption('--project <name>', 'name, slug or UUID of the project; made when it is missing')
    .option('--org <slug>', 'organization of the project, where its name leaves a choice')
    .option('--device <name>', 'the device that all rows belong to')
    .addOption(new Option('--device-column <header>', "column of the rows' devices").conflicts('device'))
    .option('--time-column <header>', 'column of the times (default: the first)')
    .option('--time-format <format>', 'format of the times (default: iso)')
    .option('--tz <zone>', 'time zone of times that name none (default: UTC)')
    .option('--columns <headers>', 'the columns to import, separated by commas (default: all)')
    .option('--delimiter <character>', 'between cells; or tab (default: a comma)')
    .addOption(new Option('--decimal <mark>', 'in numbers (default: point)').choices(['point', 'comma']))
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: Options, command: Command) => {
      if (options.device === undefined && options.deviceColumn === undefined) {
        command.error("error: give the rows' device with --device, or its column with --device-column")
      }
      await untilInterrupted(async (signal) => {
        try {
          const sizeBytes = await sizeOf(path)
          const work = (connection: Connection) =>
            importFile(shell, { connection, path, sizeBytes, options, signal })
          tell(shell, await withServer(command, shell.environment, work, { mayCreate: true }), options)
        } catch (error) {
          if (!signal.aborted) throw error
          remark(shell, 'Program stopped; what was stored by then stays')
          throw new ToldFailure(EXIT_INTERRUPTED)
        }
      })
    })
}

/** Bytes of the file; 0 for a pipe. */
async function sizeOf(path: string): Promise<number> {
  if (path === '-') return 0
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined) throw new Failure(`'${path}' file does not exist`)
  if (stats.isDirectory()) throw new Failure(`'${path}' is not a file`)
  return stats.size
}

interface Upload {
  readonly connection: Connection
  readonly path: string
  readonly sizeBytes: number
  readonly options: Options
  readonly signal: AbortSignal
}

async function importFile(
  shell: Shell,
  { connection, path, sizeBytes, options, signal }: Upload,
): Promise<Outcome> {
  const progress = openProgress(shell.errors, sizeBytes)
  const upload = new CountedUpload(path === '-' ? shell.input : createReadStream(path))
  try {
    const response = await connection.ask('import/csv/', {
      method: 'POST',
      parameters: {
        project: options.project,
        org: options.org,
        device: options.device,
        device_column: options.deviceColumn,
        time_column: options.timeColumn,
        time_format: options.timeFormat,
        tz: options.tz,
        columns: options.columns,
        delimiter: options.delimiter,
        decimal: options.decimal,
      },
      headers: { 'content-type': 'text/csv' },
      body: ReadableStream.from(upload.chunks()),
      signal,
    })
    const rejections: ImportEvent[] = []
    const done = await readEvents(response, (event) => {
      if (event.event === 'rejected') rejections.push(event)
      if (event.event === 'progress') show(progress, upload.byteCount, event)
    })
    return { done, rejections }
  } finally {
    upload.stop()
    progress.stop()
  }
}

class CountedUpload {
  readonly #stream: Input
  byteCount = 0

  constructor(stream: Input) {
    this.#stream = stream
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for await (const part of this.#stream) {
      const chunk = typeof part === 'string' ? new TextEncoder().encode(part) : part
      this.byteCount += chunk.length
      yield chunk
    }
  }

  /** A request that has failed goes on taking its body otherwise, to the end of the file. */
  stop(): void {
    ;(this.#stream as Partial<Readable>).destroy?.()
  }
}

/** The server reads no further than it has stored, so that bytes sent are bytes done. */
function show(progress: Progress, byteCount: number, { lines = 0, points = 0 }: ImportEvent): void {
  progress.update(byteCount, `Importing line ${lines}, ${points} points`)
}

/** @throws {ToldFailure} some rows were left out. */
function tell(shell: Shell, { done, rejections }: Outcome, { json }: Options): void {
  const { lines = 0, points = 0, rejected = 0 } = done
  if (json) {
    const listed = rejections.map(({ line, reason }) => ({ line, reason }))
    print(shell, JSON.stringify({ lines, points, rejected, rejections: listed }))
  } else {
    for (const { line, reason } of rejections) remark(shell, `line ${line}: ${reason}`)
    if (rejected > rejections.length) remark(shell, `… and ${rejected - rejections.length} more`)
    print(shell, `Imported ${points} points from ${lines} lines, ${rejected} rejected`)
  }
  if (rejected > 0) throw new ToldFailure(EXIT_FAILED)
}
