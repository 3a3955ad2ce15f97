/** `sonde login`, `sonde logout` and `sonde whoami`: as whom commands talk to which server. */
import type { Account } from '@sonde/client'
import { Command } from 'commander'
import { askPassword, askText } from '../ask-person.ts'
import { Failure } from '../failure.ts'
import { type ServerOptions, serverUrl } from '../find-server.ts'
import { deleteLogin, type Login, readLogin, writeLogin } from '../login-file.ts'
import { print, printJson, remark, type Shell } from '../shell.ts'
import { failureOf, openApi, withApi } from '../with-server.ts'

interface Options {
  readonly user?: string
  readonly json?: true
}

const DEFAULT_URL = 'http://localhost:8080'

const LOGIN_EXAMPLES = `
The password is asked for and not shown; without a terminal it is the first line of standard input. The
address and a key that is good for 180 days are kept in sonde/login.json below $XDG_CONFIG_HOME or ~/.config,
where only you can read them. SONDE_URL and SONDE_DATA_DIR go before it.

With --token an API token is kept instead, and no password is needed.

Examples:
  sonde login https://sonde.example.org --user ana
  sonde login https://sonde.example.org --user ana < password.txt
  sonde login --token "$TOKEN"`

export function loginCommand(shell: Shell): Command {
  return new Command('login')
    .description('log in to a server, for the commands that follow')
    .argument('[url]', `address of the server (default: SONDE_URL or ${DEFAULT_URL})`)
    .option('--user <name>', 'user name or e-mail address')
    .option('--json', 'print who has logged in where as JSON')
    .addHelpText('after', LOGIN_EXAMPLES)
    .action(async (given: string | undefined, options: Options, command: Command) => {
      const globals = command.optsWithGlobals<ServerOptions>()
      const url = serverUrl(given ?? globals.url ?? (shell.environment.SONDE_URL || DEFAULT_URL))
      try {
        const { token, account } = await (globals.token
          ? tokenLogin(url, globals.token)
          : passwordLogin(shell, url, options))
        const before = await readLogin(shell.environment).catch(() => undefined)
        const path = await writeLogin(shell.environment, { url, token, username: account.username })
        // Nobody could end it later: its key is forgotten now.
        if (before !== undefined && before.token !== token) await endSession(before)
        if (options.json) printJson(shell, { url, username: account.username, path })
        else print(shell, `Logged in to ${url} as ${account.username}`)
      } catch (error) {
        throw failureOf(error, { url, token: '' })
      }
    })
}

interface Proof {
  readonly token: string
  readonly account: Pick<Account, 'username'>
}

async function tokenLogin(url: string, token: string): Promise<Proof> {
  return { token, account: await openApi({ url, token }).auth['user-info'].get() }
}

async function passwordLogin(shell: Shell, url: string, { user }: Options): Promise<Proof> {
  const email = user ?? (await askText(shell, { question: 'User name or e-mail: ', option: '--user' }))
  const password = await askPassword(shell)
  const api = openApi({ url })
  if (!(await api.login({ email, password }))) {
    throw new Failure(
      `${url} does not accept this user and password. Staff can set a new one with "sonde user set-password"`,
    )
  }
  if (api.token === null) throw new Failure(`${url} gives no token to those who log in; is it a Sonde?`)
  return { token: api.token, account: { username: api.username ?? email } }
}

export function logoutCommand(shell: Shell): Command {
  return new Command('logout')
    .description('forget the login, and end its session on the server')
    .option('--json', 'print what was forgotten as JSON')
    .addHelpText(
      'after',
      '\nAn API token that was kept with "sonde login --token" is forgotten, and stays good.\n\n' +
        'Example:\n  sonde logout',
    )
    .action(async ({ json }: Options) => {
      const login = await readLogin(shell.environment)
      if (login === undefined) throw new Failure('Nobody is logged in; "sonde login" does that')
      const { url, username } = login
      const isEnded = await endSession(login)
      await deleteLogin(shell.environment)
      if (!isEnded) remark(shell, `${url} did not end the session; its key stays good for up to 180 days`)
      if (json) printJson(shell, { url, username, ended: isEnded })
      else print(shell, `Logged out of ${url}`)
    })
}

const LOGOUT_MS_MAX = 5_000

/** False when the server does not answer, or does not know the session any more. */
function endSession({ url, token }: Login): Promise<boolean> {
  return openApi({ url, token, timeoutMs: LOGOUT_MS_MAX })
    .logout()
    .catch(() => false)
}

export function whoamiCommand(shell: Shell): Command {
  return new Command('whoami')
    .description('show which server the commands talk to, and as whom')
    .option('--json', 'print the account as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  SONDE_URL=https://sonde.example.org SONDE_TOKEN=sonde_… sonde whoami',
    )
    .action(async ({ json }: Options, command: Command) => {
      await withApi(command, shell, async ({ api, address, isOwn }) => {
        const { jwt: _, ...account } = await api.auth['user-info'].get()
        if (json) return printJson(shell, { url: address.url, ...account })
        const { username, email, is_staff: isStaff } = account
        const where = isOwn ? 'the data folder, which no server uses now' : address.url
        print(shell, `${username}${email ? ` (${email})` : ''}${isStaff ? ', staff' : ''}, at ${where}`)
      })
    })
}
