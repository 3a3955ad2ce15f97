/** `sonde rollout watch`: a rollout in the terminal while it goes on. */
import { Command } from 'commander'
import { EXIT_FAILED, EXIT_INTERRUPTED, Failure, ToldFailure } from '../failure.ts'
import { watchRollout } from '../rollout/watch-rollout.ts'
import { remark, type Shell } from '../shell.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { withServer } from '../with-server.ts'

interface Options {
  readonly interval: string
  readonly json?: true
}

const EXAMPLES = `
On a terminal each stage has a bar: █ succeeded, ▒ under way, × failed, ◀ rolled back, · pending. Elsewhere there
is a line when something has changed. Ctrl-C ends the watching, and not the rollout. The exit code is 0 when the
rollout is completed, and 1 when it was aborted or rolled back.

Examples:
  sonde rollout watch 7
  sonde rollout start 7 && sonde rollout watch 7 || echo "not everywhere"
  sonde rollout watch 7 --json | jq .devices`

export function rolloutWatchCommand(shell: Shell): Command {
  return new Command('watch')
    .description('show how far a rollout is, until it has ended')
    .argument('<id>')
    .option('--interval <seconds>', 'time between two looks', '2')
    .option('--json', 'print it as a line of JSON when something has changed')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { interval, json }: Options, command: Command) => {
      const pauseMs = Number(interval) * 1_000
      if (!(pauseMs >= 100 && pauseMs <= 3_600_000)) {
        command.error('error: --interval takes 0.1 to 3600 seconds')
      }
      await untilInterrupted((signal) =>
        withServer(command, shell.environment, async (connection, { isOwn }) => {
          if (isOwn) {
            throw new Failure(
              'No server runs on the data folder, so that no device gets anything; "sonde serve" is one',
            )
          }
          const ended = await watchRollout(shell, connection, { id, pauseMs, isJson: !!json, signal })
          if (ended === undefined) {
            remark(shell, 'Watching ends here; the rollout goes on')
            throw new ToldFailure(EXIT_INTERRUPTED)
          }
          if (ended.state !== 'completed') throw new ToldFailure(EXIT_FAILED)
        }),
      )
    })
}
