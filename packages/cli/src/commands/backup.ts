/** `sonde backup`: a copy of everything, while the server goes on working. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Connection } from '../connection.ts'
import { readEvents, type ServerEvent } from '../events.ts'
import { EXIT_INTERRUPTED, ToldFailure } from '../failure.ts'
import { type Environment, namedServer, type ServerOptions } from '../find-server.ts'
import { openProgress, type Progress } from '../progress.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { withServer } from '../with-server.ts'

interface BackupEvent extends ServerEvent {
  readonly bytes?: number
  readonly total?: number
  readonly path?: string
  readonly taken_at?: string
  readonly points?: number
  readonly files?: number
}

const EXAMPLES = `
The folder must be missing or empty, and outside of the data folder. It is one of the machine that the server
runs on. Whatever was answered before the backup began is in it.

Examples:
  sonde backup /mnt/backups/$(date +%F)
  sonde verify /mnt/backups/2026-05-01`

export function backupCommand(environment: Environment): Command {
  return new Command('backup')
    .description('copy everything into a folder, while the server goes on working')
    .argument('<folder>', 'a folder for this backup alone')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, { json }: { json?: true }, command: Command) => {
      const path = (await isElsewhere(command, environment)) ? folder : resolve(folder)
      await untilInterrupted(async (signal) => {
        try {
          const work = (connection: Connection) => backUp(connection, { path, signal })
          const { event: _, ...done } = await withServer(command, environment, work)
          if (json) console.log(JSON.stringify(done))
          else console.log(`Backed up ${done.points} points (${done.bytes} bytes) into ${done.path}`)
        } catch (error) {
          if (!signal.aborted) throw error
          console.error('Program stopped; there is no backup')
          throw new ToldFailure(EXIT_INTERRUPTED)
        }
      })
    })
}

/** A server that is named by its address, or logged in to, may have other folders. */
async function isElsewhere(command: Command, environment: Environment): Promise<boolean> {
  return (await namedServer(command.optsWithGlobals<ServerOptions>(), environment)) !== undefined
}

async function backUp(
  connection: Connection,
  { path, signal }: { path: string; signal: AbortSignal },
): Promise<BackupEvent> {
  const response = await connection.ask('admin/backup/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path }),
    signal,
  })
  let progress: Progress | undefined
  try {
    return await readEvents<BackupEvent>(response, ({ bytes = 0, total = 0 }) => {
      progress ??= openProgress(process.stderr, total)
      progress.update(bytes, 'Backing up')
    })
  } finally {
    progress?.stop()
  }
}
