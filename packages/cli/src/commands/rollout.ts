/** `sonde rollout`: firmware on its way to a fleet, stage by stage. */
import { Command, Option } from 'commander'
import { confirm } from '../ask-person.ts'
import { printTable } from '../resources/show-resources.ts'
import { drawRollout } from '../rollout/draw-rollout.ts'
import { countsText, ROLLOUT_STATES, type Rollout, readRollout, rolloutResource } from '../rollout/rollout.ts'
import { hasColours, print, printJson, type Shell } from '../shell.ts'
import { withServer } from '../with-server.ts'
import { rolloutCreateCommand } from './rollout-create.ts'
import { rolloutWatchCommand } from './rollout-watch.ts'

interface ListOptions {
  readonly org?: string
  readonly fleet?: string
  readonly state?: string
  readonly staff?: true
  readonly json?: true
}

interface ActionOptions {
  readonly yes?: true
  readonly json?: true
}

interface Action {
  readonly name: string
  readonly description: string
  /** Asked at the terminal, of what cannot be taken back. */
  readonly question?: string
}

const ACTIONS: readonly Action[] = [
  { name: 'start', description: 'open the first stage of a draft' },
  { name: 'pause', description: 'offer the tag to nobody for now; devices that have it are still heard' },
  { name: 'resume', description: 'go on; attempts are counted from the beginning' },
  { name: 'advance', description: 'open the next stage now' },
  {
    name: 'abort',
    description: 'end a rollout; devices keep what they run',
    question: 'End the rollout for good?',
  },
  {
    name: 'rollback',
    description: 'take every device that got the tag back to what it ran before',
    question: 'Take its devices back to what they ran before?',
  },
]

const EXAMPLES = `
Examples:
  sonde rollout create blinker 2.0 --org home --fleet g--0001 --stages 10,50,100
  sonde rollout start 7
  sonde rollout watch 7
  sonde rollout rollback 7 --yes`

export function rolloutCommand(shell: Shell): Command {
  const command = new Command('rollout')
    .description('bring firmware to a fleet, stage by stage')
    .addCommand(rolloutCreateCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(getCommand(shell))
    .addCommand(rolloutWatchCommand(shell))
    .addHelpText('after', EXAMPLES)
  for (const action of ACTIONS) command.addCommand(actionCommand(shell, action))
  return command
}

function listCommand(shell: Shell): Command {
  return new Command('list')
    .description('list rollouts, newest first')
    .option('--org <slug>', 'those of an organization')
    .option('--fleet <slug>', 'those for a fleet')
    .addOption(new Option('--state <state>', 'those that are in it').choices(ROLLOUT_STATES))
    .option('--staff', 'those of all organizations, for staff')
    .option('--json', 'print them as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json, staff, org, fleet, state }: ListOptions, command: Command) => {
      await withServer(command, shell.environment, async (connection) => {
        async function* rollouts(): AsyncGenerator<Rollout & { readonly counts: string }> {
          for (let page = 1, hasMore = true; hasMore; page++) {
            const parameters = { org, fleet, state, staff: staff && '1', page: String(page) }
            const response = await connection.ask('rollout/', { parameters })
            const { results, next } = (await response.json()) as { results: Rollout[]; next: string | null }
            for (const one of results) yield { ...one, counts: countsText(one.devices) }
            hasMore = next !== null
          }
        }
        if (!json) return printTable(shell, COLUMNS, rollouts())
        const all = await Array.fromAsync(rollouts())
        printJson(
          shell,
          all.map(({ counts: _, ...one }) => one),
        )
      })
    })
}

const COLUMNS = {
  id: 'id',
  package: 'package',
  tag: 'tag',
  for: ['fleet', 'org'],
  state: 'state',
  devices: 'counts',
  reason: 'reason',
}

function getCommand(shell: Shell): Command {
  return new Command('get')
    .description('show a rollout, with how many of its devices are where')
    .argument('<id>')
    .option('--json', 'print everything about it as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { json }: { json?: true }, command: Command) => {
      await withServer(command, shell.environment, async (connection) => {
        const rollout = await readRollout(connection, id)
        if (json) printJson(shell, rollout)
        else printRollout(shell, rollout)
      })
    })
}

function actionCommand(shell: Shell, { name, description, question }: Action): Command {
  const command = new Command(name).description(description).argument('<id>')
  if (question !== undefined) command.option('--yes', 'do not ask; needed where there is no terminal')
  return command
    .option('--json', 'print the rollout as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { yes, json }: ActionOptions, command: Command) => {
      const resource = rolloutResource(id, `${name}/`)
      await withServer(command, shell.environment, async (connection) => {
        if (question !== undefined && !yes) {
          printRollout(shell, await readRollout(connection, id))
          await confirm(shell, question)
        }
        const response = await connection.ask(resource, { method: 'POST' })
        const rollout = (await response.json()) as Rollout
        if (json) printJson(shell, rollout)
        else printRollout(shell, rollout)
      })
    })
}

const WIDTH_DEFAULT = 100

function printRollout(shell: Shell, rollout: Rollout): void {
  const frame = { width: shell.output.columns ?? WIDTH_DEFAULT, hasColours: hasColours(shell) }
  for (const line of drawRollout(rollout, frame)) print(shell, line)
}
