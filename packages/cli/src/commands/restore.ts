/** `sonde restore`: a data folder from a backup. */
import { Command } from 'commander'
import { EXIT_INTERRUPTED, Failure, ToldFailure } from '../failure.ts'
import { dataFolder, type Environment } from '../find-server.ts'
import { openProgress, type Progress } from '../progress.ts'
import { untilInterrupted } from '../until-interrupted.ts'

interface Options {
  readonly into?: string
  readonly json?: true
}

const EXAMPLES = `
The data folder must be missing or empty: what is in one is never overwritten. Every file is compared with
the hash that was taken of it, and the backup stays as it is.

Examples:
  mv data data-broken && sonde restore /mnt/backups/2026-05-01
  sonde restore /mnt/backups/2026-05-01 --into /tmp/look && SONDE_DATA_DIR=/tmp/look sonde project list`

export function restoreCommand(environment: Environment): Command {
  return new Command('restore')
    .description('make a data folder of a backup')
    .argument('<backup>', 'the folder that "sonde backup" has written')
    .option('--into <folder>', 'the data folder (default: SONDE_DATA_DIR, or ./data)')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (backup: string, { into = dataFolder(environment), json }: Options) => {
      const { takenAt, points, program } = await restore({ backup, into })
      if (json) console.log(JSON.stringify({ path: into, taken_at: takenAt, points, program }))
      else console.log(`Restored ${points} points, as of ${takenAt}, into ${into}. Start Sonde on it`)
    })
}

async function restore(folders: { backup: string; into: string }) {
  // Most commands do without the server, and then without the time that loading it takes.
  const { restoreBackup } = await import('@sonde/server/src/backup/restore-backup.ts')
  const { AppError } = await import('@sonde/server/src/errors.ts')
  return untilInterrupted(async (signal) => {
    let progress: Progress | undefined
    try {
      return await restoreBackup({
        ...folders,
        signal,
        onProgress({ doneBytes, totalBytes }) {
          progress ??= openProgress(process.stderr, totalBytes)
          progress.update(doneBytes, 'Restoring')
        },
      })
    } catch (error) {
      progress?.stop()
      if (error instanceof AppError) throw new Failure(error.message)
      if (!signal.aborted) throw error
      console.error('Program stopped; nothing was restored')
      throw new ToldFailure(EXIT_INTERRUPTED)
    } finally {
      progress?.stop()
    }
  })
}
