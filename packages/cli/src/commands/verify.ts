/** `sonde verify`: whether a data folder, or a backup, is whole. */
import type { Verification } from '@sonde/server/src/backup/verify-folder.ts'
import { Command } from 'commander'
import { EXIT_FAILED, EXIT_USAGE, ToldFailure } from '../failure.ts'
import { dataFolder, type Environment } from '../find-server.ts'
import { openProgress, type Progress } from '../progress.ts'

type CheckResult = Verification['checks'][number]

const EXAMPLES = `
Reads everything and changes nothing. A server that runs on the folder has to be stopped before; a backup can
be verified at any time.

Exit codes: 0 whole, 1 damaged, 2 could not be looked at.

Examples:
  sonde verify /mnt/backups/2026-05-01
  sonde verify ./data --json`

export function verifyCommand(environment: Environment): Command {
  return new Command('verify')
    .description('look whether a data folder or a backup is whole')
    .argument('[folder]', 'a backup, or a data folder that no server uses', dataFolder(environment))
    .option('--json', 'print what was found as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, { json }: { json?: true }) => {
      const verification = await verify(folder, (check) => {
        if (!json) for (const line of linesOf(check)) console.log(line)
      })
      const { kind, isWhole, checks } = verification
      if (json)
        console.log(JSON.stringify({ path: folder, kind, whole: isWhole, checks: checks.map(viewOf) }))
      else console.log(isWhole ? `The ${kind} ${folder} is whole` : `The ${kind} ${folder} is damaged`)
      if (!isWhole) throw new ToldFailure(EXIT_FAILED)
    })
}

async function verify(folder: string, onCheck: (check: CheckResult) => void): Promise<Verification> {
  // Most commands do without the server, and then without the time that loading it takes.
  const { verifyFolder } = await import('@sonde/server/src/backup/verify-folder.ts')
  const { AppError } = await import('@sonde/server/src/errors.ts')
  let progress: Progress | undefined
  try {
    return await verifyFolder({
      folder,
      onCheck(check) {
        progress?.stop()
        progress = undefined
        onCheck(check)
      },
      onProgress({ doneBytes, totalBytes }) {
        progress ??= openProgress(process.stderr, totalBytes)
        progress.update(doneBytes, 'Verifying')
      },
    })
  } catch (error) {
    progress?.stop()
    if (!(error instanceof AppError)) throw error
    console.error(`error: ${error.message}`)
    throw new ToldFailure(EXIT_USAGE)
  } finally {
    progress?.stop()
  }
}

function linesOf({ title, counts, problems, problemCount, notes }: CheckResult): string[] {
  const found = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  const lines = [
    `${problemCount === 0 ? 'ok     ' : 'DAMAGED'} ${[title, found.join(', ')].filter(Boolean).join(': ')}`,
  ]
  lines.push(...problems.map((problem) => `        ${problem}`))
  if (problemCount > problems.length) lines.push(`        … and ${problemCount - problems.length} more`)
  lines.push(...notes.map((note) => `        note: ${note}`))
  return lines
}

function viewOf({ title, counts, problems, problemCount, notes }: CheckResult) {
  return { check: title, counts, problems, problem_count: problemCount, notes }
}
