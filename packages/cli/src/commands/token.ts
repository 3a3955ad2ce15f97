/** `sonde token`: API tokens of the account that the command runs as. */
import { Command, Option } from 'commander'
import type { Connection } from '../connection.ts'
import { Failure } from '../failure.ts'
import { print, printJson, type Shell } from '../shell.ts'
import { tableLines } from '../table.ts'
import { withServer } from '../with-server.ts'

interface CreateOptions {
  readonly scopes: string
  readonly org?: string
  readonly project?: string
  readonly device?: string
  readonly expires?: string
  readonly json?: true
}

interface Token {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly org: string | null
  readonly project: string | null
  readonly device: string | null
  readonly expires_on: string | null
  readonly last_used_on: string | null
}

const CREATE_EXAMPLES = `
The token is printed once and cannot be read again.

Scopes:
  read        projects, devices, variables, and their points
  write       points of what exists
  provision   devices, variables and projects that points name for the first time
  admin       everything else

Examples:
  sonde token create dashboard --scopes read --expires 365d
  sonde token create logger --scopes write,provision --project p--0000-0001
  export SONDE_TOKEN=$(sonde token create laptop --scopes read,write,provision)`

const DAY_MS = 24 * 60 * 60 * 1_000
const PAGE_SIZE = 1_000

export function tokenCommand(shell: Shell): Command {
  return new Command('token')
    .description('make, list and revoke API tokens')
    .addCommand(createCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(revokeCommand(shell))
}

function createCommand(shell: Shell): Command {
  return new Command('create')
    .description('make a token')
    .argument('<name>', 'what it is for')
    .requiredOption('--scopes <scopes>', 'read, write, provision, admin; several separated by commas')
    .option('--org <slug>', 'limit it to an organization')
    .addOption(new Option('--project <slug>', 'limit it to a project').conflicts(['org', 'device']))
    .addOption(new Option('--device <slug>', 'limit it to a device').conflicts('org'))
    .option('--expires <when>', 'ISO 8601, or days from now such as 90d (default: never)')
    .option('--json', 'print everything about the token as JSON')
    .addHelpText('after', CREATE_EXAMPLES)
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const { scopes, org, project, device, expires } = options
      const body = {
        name,
        scopes: scopes.split(',').map((scope) => scope.trim()),
        ...{ org, project, device },
        ...(expires === undefined ? {} : { expires_on: momentOf(expires) }),
      }
      await withServer(command, shell.environment, async (connection) => {
        const response = await connection.ask('token/', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
        const made = (await response.json()) as Token & { token: string }
        if (options.json) printJson(shell, made)
        else print(shell, made.token)
      })
    })
}

function listCommand(shell: Shell): Command {
  return new Command('list')
    .description('list the tokens, newest first')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  sonde token list --json | jq -r ".[].name"')
    .action(async ({ json }: { json?: true }, command: Command) => {
      await withServer(command, shell.environment, async (connection) => {
        const tokens = await Array.fromAsync(tokensOf(connection))
        if (json) printJson(shell, tokens)
        else for await (const line of tableLines(HEADERS, rowsOf(tokens))) print(shell, line)
      })
    })
}

function revokeCommand(shell: Shell): Command {
  return new Command('revoke')
    .description('revoke a token, at once')
    .argument('<id>', 'its id, as "sonde token list" shows it')
    .option('--json', 'print what was revoked as JSON')
    .addHelpText('after', '\nExample:\n  sonde token revoke 7b0eb334-9483-43f1-b503-51ad2a7dfd82')
    .action(async (id: string, { json }: { json?: true }, command: Command) => {
      await withServer(command, shell.environment, async (connection) => {
        await connection.ask(`token/${encodeURIComponent(id)}/`, { method: 'DELETE' })
        if (json) printJson(shell, { revoked: id })
        else print(shell, `Revoked ${id}`)
      })
    })
}

async function* tokensOf(connection: Connection): AsyncGenerator<Token> {
  for (let page = 1, hasMore = true; hasMore; page++) {
    const parameters = { page: String(page), page_size: String(PAGE_SIZE) }
    const response = await connection.ask('token/', { parameters })
    const { results, next } = (await response.json()) as { results: Token[]; next: string | null }
    yield* results
    hasMore = next !== null
  }
}

const HEADERS = ['id', 'name', 'scopes', 'limited to', 'expires', 'last used']

async function* rowsOf(tokens: readonly Token[]): AsyncGenerator<(string | null)[]> {
  for (const token of tokens) {
    yield [
      token.id,
      token.name,
      token.scopes.join(' '),
      token.device ?? token.project ?? token.org,
      token.expires_on ?? 'never',
      token.last_used_on ?? 'never',
    ]
  }
}

/** @throws {Failure} neither days nor a moment. */
function momentOf(text: string): string {
  const days = /^(\d{1,5})d$/.exec(text)
  if (days) return new Date(Date.now() + Number(days[1]) * DAY_MS).toISOString()
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) {
    throw new Failure(`"${text}" is neither days, such as 90d, nor a moment, such as 2027-01-31`)
  }
  return text
}
