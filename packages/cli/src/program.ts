/** What the command line can do, and what comes of it for the shell. */
import { Command, CommanderError } from 'commander'
import about from '../package.json' with { type: 'json' }
import { backupCommand } from './commands/backup.ts'
import { completionCommand } from './commands/completion.ts'
import { demoCommand } from './commands/demo.ts'
import { exportCommand } from './commands/export.ts'
import { importCommand } from './commands/import.ts'
import { loginCommand, logoutCommand, whoamiCommand } from './commands/login.ts'
import { packageCommand } from './commands/package.ts'
import { pinCommand } from './commands/pin.ts'
import { plotCommand } from './commands/plot.ts'
import { queryCommand } from './commands/query.ts'
import { reportCommand } from './commands/report.ts'
import { resourceCommands } from './commands/resource.ts'
import { restoreCommand } from './commands/restore.ts'
import { rolloutCommand } from './commands/rollout.ts'
import { seriesCommand } from './commands/series.ts'
import { serveCommand } from './commands/serve.ts'
import { tailCommand } from './commands/tail.ts'
import { tokenCommand } from './commands/token.ts'
import { userCommand } from './commands/user.ts'
import { verifyCommand } from './commands/verify.ts'
import { writeCommand } from './commands/write.ts'
import { EXIT_FAILED, EXIT_USAGE, Failure, ToldFailure } from './failure.ts'
import { processShell, remark, type Shell } from './shell.ts'

const SERVERS = `
Which server:
  SONDE_URL and SONDE_TOKEN, or --url and --token, name one anywhere; else "sonde login" does, unless
  SONDE_DATA_DIR is set. Without them the commands find the server that runs on the data folder
  (SONDE_DATA_DIR, ./data by default) on this machine; when none runs, they open the folder themselves
  and close it again when they are done.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`

export function buildProgram(shell: Shell = processShell()): Command {
  const { environment } = shell
  const program = new Command('sonde')
    .description('A self-hosted backend for devices that measure things')
    .version(about.version)
    .option('--url <address>', 'address of the server, such as https://sonde.example.org')
    .option('--token <token>', 'API token for that server')
    .addCommand(serveCommand(environment))
    .addCommand(demoCommand(shell))
    .addCommand(loginCommand(shell))
    .addCommand(logoutCommand(shell))
    .addCommand(whoamiCommand(shell))
    .addCommand(importCommand(shell))
    .addCommand(exportCommand(shell))
    .addCommand(writeCommand(shell))
    .addCommand(queryCommand(shell))
    .addCommand(plotCommand(shell))
    .addCommand(tailCommand(shell))
    .addCommand(reportCommand(shell))
    .addCommand(packageCommand(shell))
    .addCommand(rolloutCommand(shell))
    .addCommand(pinCommand(shell))
    .addCommand(seriesCommand(shell))
    .addCommand(userCommand(shell))
    .addCommand(tokenCommand(shell))
    .addCommand(backupCommand(environment))
    .addCommand(restoreCommand(environment))
    .addCommand(verifyCommand(environment))
    .addCommand(completionCommand(shell))
    .addHelpText('after', SERVERS)
  for (const command of resourceCommands(shell)) program.addCommand(command)
  for (const command of allCommands(program)) {
    command.exitOverride().showHelpAfterError().helpOption('-h, --help', 'explain the command')
    command.configureOutput({
      writeOut: (text) => shell.output.write(text),
      writeErr: (text) => shell.errors.write(text),
    })
  }
  return program
}

/** Resolves to the exit code, when the command has nothing more to say. */
export async function runProgram(
  program: Command,
  argv: readonly string[],
  shell: Shell = processShell(),
): Promise<number> {
  try {
    await program.parseAsync([...argv])
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
    if (error instanceof ToldFailure) return error.exitCode
    const text = error instanceof Error ? error.message : String(error)
    remark(shell, error instanceof Failure ? `error: ${text}` : `error: the command broke: ${text}`)
    return EXIT_FAILED
  }
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((child) => allCommands(child))]
}
