/** `sonde rollout create`: a draft, of which no device hears before it is started. */
import { Command, Option } from 'commander'
import { Failure } from '../failure.ts'
import { drawRollout } from '../rollout/draw-rollout.ts'
import { type Rollout, rolloutResource } from '../rollout/rollout.ts'
import { print, printJson, type Shell } from '../shell.ts'
import { withServer } from '../with-server.ts'

interface Options {
  readonly org: string
  readonly fleet?: string
  readonly name?: string
  readonly stages: string
  readonly rollbackTag?: string
  readonly failurePercentMax?: string
  readonly attemptsMin?: string
  readonly attemptsMax?: string
  readonly timeout?: string
  readonly advancePercent?: string
  readonly soak?: string
  readonly onFailure?: string
  readonly versionVariable?: string
  readonly start?: true
  readonly json?: true
}

const EXAMPLES = `
A stage is a share of all devices in percent, counted from the first stage on, or the slug of a fleet: a ring.
Durations are 90s, 15m, 12h, 7d.

Examples:
  sonde rollout create blinker 2.0 --org home
  sonde rollout create blinker 2.0 --org home --fleet g--0001 --stages g--0002,10,100 --soak 1d
  sonde rollout create blinker 2.0 --org home --on-failure rollback --start --json | jq .id`

export function rolloutCreateCommand(shell: Shell): Command {
  return new Command('create')
    .description('make a rollout; no device hears of it before it is started')
    .argument('<package>', 'its title')
    .argument('<tag>', 'the version that devices get')
    .requiredOption('--org <slug>', 'organization of the devices')
    .option('--fleet <slug>', 'its devices alone (default: all active ones of the organization)')
    .option('--stages <stages>', 'separated by commas', '100')
    .option('--name <name>', 'of the rollout (default: package and tag)')
    .option('--rollback-tag <tag>', 'for devices that do not say what they ran before')
    .option('--failure-percent-max <percent>', 'failed attempts that stop it (default: 10)')
    .option('--attempts-min <count>', 'ended attempts before a stage is judged (default: 5)')
    .option('--attempts-max <count>', 'of one device until it has failed (default: 3)')
    .option('--timeout <duration>', 'until a device must run the tag (default: 15m)')
    .option('--advance-percent <percent>', 'ended devices that open the next stage (default: 90)')
    .option('--soak <duration>', 'between two stages at least (default: 0s)')
    .addOption(new Option('--on-failure <action>', 'when too many fail').choices(['pause', 'rollback']))
    .option('--version-variable <name>', 'its newest text is the version of a device')
    .option('--start', 'start it at once')
    .option('--json', 'print the rollout as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (title: string, tag: string, options: Options, command: Command) => {
      const body = { package: title, tag, ...bodyOf(options) }
      await withServer(command, shell.environment, async (connection) => {
        const ask = async (resource: string, content?: object) => {
          const sent = content && { body: JSON.stringify(content), headers: JSON_TYPE }
          return (await (await connection.ask(resource, { method: 'POST', ...sent })).json()) as Rollout
        }
        let rollout = await ask('rollout/', body)
        const id = String(rollout.id)
        if (options.start) {
          rollout = await ask(rolloutResource(id, 'start/')).catch((error) => {
            throw new Failure(`${(error as Error).message} The rollout ${id} was made, and not started`)
          })
        }
        if (options.json) return printJson(shell, rollout)
        print(shell, `Made the rollout ${id}`)
        for (const line of drawRollout(rollout, { width: 100, hasColours: false })) print(shell, line)
        const next = options.start ? 'watch' : 'start'
        print(shell, `Next: sonde rollout ${next} ${id}`)
      })
    })
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** Fields of the API; those that are undefined are left out of JSON. */
function bodyOf(options: Options): object {
  const { org, fleet, name, rollbackTag, onFailure, versionVariable } = options
  return {
    ...{ org, fleet, name, rollback_tag: rollbackTag, on_failure: onFailure },
    version_variable: versionVariable,
    stages: options.stages.split(',').map((text) => stageOf(text.trim())),
    failure_percent_max: numberOf('--failure-percent-max', options.failurePercentMax),
    attempts_min: numberOf('--attempts-min', options.attemptsMin),
    attempts_max: numberOf('--attempts-max', options.attemptsMax),
    advance_percent: numberOf('--advance-percent', options.advancePercent),
    timeout_s: secondsOf('--timeout', options.timeout),
    soak_s: secondsOf('--soak', options.soak),
  }
}

/** @throws {Failure} neither a share nor a fleet. */
function stageOf(text: string): { percent: number } | { fleet: string } {
  const [, percent] = /^(\d{1,3})%?$/.exec(text) ?? []
  if (percent !== undefined) return { percent: Number(percent) }
  if (text.startsWith('g--')) return { fleet: text }
  throw new Failure(
    `"${text}" is no stage; write a percentage such as 10, or the slug of a fleet such as g--0001`,
  )
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text)
  throw new Failure(`${option} takes a whole number, and "${text}" is none`)
}

const UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function secondsOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (unit === undefined) throw new Failure(`${option} takes a duration such as 90s, 15m, 12h or 7d`)
  return Number(count) * UNITS_S[unit]
}
