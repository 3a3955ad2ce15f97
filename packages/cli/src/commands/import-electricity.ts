/** `sonde import electricity`: the meter's CSV file for the electricity API. */
import { createReadStream, openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Command, Option } from 'commander'
import type { Connection } from '../connection.ts'
import { readEvents } from '../events.ts'
import { EXIT_FAILED, EXIT_INTERRUPTED, Failure, ToldFailure } from '../failure.ts'
import type { Environment } from '../find-server.ts'
import { openProgress } from '../progress.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { withServer } from '../with-server.ts'

interface Options {
  readonly user?: string
  readonly append?: true
  readonly replace?: true
  readonly tz?: string
}

const EXAMPLES = `
The file has a header and nine columns: the date (1 Aug 2019 00:15:00) and eight measurements. A bad row
stops the import with its line number, and nothing is stored.

Examples:
  sonde import electricity Monitoring_report.csv --user rick:morty
  sonde import electricity december.csv --append`

export function importElectricityCommand(environment: Environment): Command {
  return new Command('electricity')
    .description("import the meter's CSV file for the electricity API")
    .argument('<csv>', 'the file')
    .option('--user <name:password>', 'who may log in to the electricity API; needed the first time')
    .addOption(new Option('--append', 'add to the rows that are there').conflicts('replace'))
    .addOption(new Option('--replace', 'remove the rows that are there, and their points'))
    .option('--tz <zone>', 'time zone of the dates (default: Europe/Madrid)')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: Options, command: Command) => {
      await untilInterrupted(async (signal) => {
        try {
          await checkFile(path)
          const work = (connection: Connection) => importFile(connection, { path, options, signal })
          const rows = await withServer(command, environment, work, { mayCreate: true })
          console.log(`OK - CSV (${rows} lines) successfully imported to elecprod.consumpdata`)
        } catch (error) {
          throw told(error, signal)
        }
      })
    })
}

/** The words of this importer go to standard output, where scripts have always read them. */
function told(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) {
    console.log('Program stopped')
    return new ToldFailure(EXIT_INTERRUPTED)
  }
  if (!(error instanceof Failure)) return error
  console.log(`ERROR - ${error.message}`)
  return new ToldFailure(EXIT_FAILED)
}

async function checkFile(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined) throw new Failure(`'${path}' file does not exist`)
  if (!stats.isFile()) throw new Failure(`'${path}' is not a file`)
}

async function importFile(
  connection: Connection,
  { path, options, signal }: { path: string; options: Options; signal: AbortSignal },
): Promise<number> {
  const form = new FormData()
  // The server reads the user before it begins with the file.
  if (options.user !== undefined) form.set('user', options.user)
  form.set('file', await openAsBlob(path), basename(path))
  const existing = options.append ? 'append' : options.replace ? 'replace' : 'refuse'
  const response = await connection.ask('import/electricity/', {
    method: 'POST',
    parameters: { existing, tz: options.tz },
    body: form,
    signal,
  })
  const progress = openProgress(process.stdout, process.stdout.isTTY ? await countLines(path) : 0)
  try {
    const { rows = 0 } = await readEvents(response, ({ event, text, line = 0 }) => {
      if (event === 'step') console.log(`OK - ${text}`)
      if (event === 'line') progress.update(line, `Importing line ${line}`)
    })
    return rows
  } finally {
    progress.stop()
  }
}

async function countLines(path: string): Promise<number> {
  let count = 0
  for await (const chunk of createReadStream(path)) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count++
  }
  return count
}

const NEWLINE = 0x0a
