/** `sonde user`: the accounts of a server, for its staff. */
import type { Account, Api, Role } from '@sonde/client'
import { Command, Option } from 'commander'
import { askPassword } from '../ask-person.ts'
import { Failure } from '../failure.ts'
import { printTable } from '../resources/show-resources.ts'
import { print, printJson, type Shell } from '../shell.ts'
import { withApi } from '../with-server.ts'

interface AddOptions {
  readonly email: string
  readonly name?: string
  readonly org?: string
  readonly role: keyof typeof ROLES
  readonly json?: true
}

const ROLES = {
  owner: 'a0',
  admin: 'a1',
  member: 'm1',
  operator: 'r1',
  developer: 'd1',
  support: 's0',
} as const satisfies Record<string, Role>

const COLUMNS = {
  username: 'username',
  'e-mail': 'email',
  name: 'name',
  active: 'is_active',
  staff: 'is_staff',
  since: 'created_at',
}

const EXAMPLES = `
Passwords are asked for and not shown; without a terminal they are the first line of standard input. A user
is named by user name, e-mail address or slug.

Examples:
  sonde user list
  sonde user add ana --email ana@example.org --org home --role developer
  sonde user set-password ana < password.txt
  sonde user deactivate ana`

export function userCommand(shell: Shell): Command {
  return new Command('user')
    .description('list and change the accounts of a server')
    .addCommand(listCommand(shell))
    .addCommand(addCommand(shell))
    .addCommand(setPasswordCommand(shell))
    .addCommand(activateCommand(shell, { name: 'activate', isActive: true }))
    .addCommand(activateCommand(shell, { name: 'deactivate', isActive: false }))
    .addHelpText('after', EXAMPLES)
}

function listCommand(shell: Shell): Command {
  return new Command('list')
    .description('list the accounts; your own only, unless you are staff')
    .option('--json', 'print them as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { json?: true }, command: Command) => {
      await withApi(command, shell, async ({ api }) => {
        const accounts = api.account.items({ staff: 1, page_size: 1_000 })
        if (json) printJson(shell, await Array.fromAsync(accounts))
        else await printTable(shell, COLUMNS, accounts)
      })
    })
}

function addCommand(shell: Shell): Command {
  return new Command('add')
    .description('make an account that may log in at once')
    .argument('<username>')
    .requiredOption('--email <address>', 'e-mail address')
    .option('--name <name>', 'the name that others see')
    .option('--org <slug>', 'organization that the user becomes a member of')
    .addOption(
      new Option('--role <role>', 'in that organization').choices(Object.keys(ROLES)).default('member'),
    )
    .option('--json', 'print the account as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (username: string, options: AddOptions, command: Command) => {
      const { email, name = '', org, role, json } = options
      await withApi(command, shell, async ({ api }) => {
        // An organization that is none must not leave half of the work done.
        if (org !== undefined) await api.org(org).get().catch(noOrg(org))
        const password = await askPassword(shell, { question: `Password of ${username}`, isNew: true })
        const account = await api.account.post({
          username,
          email,
          name,
          password,
          confirm_password: password,
        })
        if (org !== undefined) await api.org(org).register.post({ user: account.slug, role: ROLES[role] })
        if (json) return printJson(shell, account)
        print(shell, `Added ${account.username}${org === undefined ? '' : `, ${role} of ${org}`}`)
        if (!account.is_active) print(shell, 'Staff must activate the account before it can log in')
      })
    })
}

function noOrg(org: string): (error: unknown) => never {
  return (error) => {
    if ((error as { status?: number }).status !== 404) throw error
    throw new Failure(`There is no organization "${org}"; "sonde org list" shows those that are`)
  }
}

function setPasswordCommand(shell: Shell): Command {
  return new Command('set-password')
    .description('give an account another password; all of its sessions end')
    .argument('<user>')
    .option('--json', 'print the account as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (user: string, { json }: { json?: true }, command: Command) => {
      await withApi(command, shell, async ({ api }) => {
        const account = await findAccount(api, user)
        const question = `New password of ${account.username}`
        const password = await askPassword(shell, { question, isNew: true })
        await api.account(account.slug).set_password.post({ password })
        if (json) printJson(shell, account)
        else print(shell, `${account.username} has another password, and is logged out everywhere`)
      })
    })
}

function activateCommand(shell: Shell, { name, isActive }: { name: string; isActive: boolean }): Command {
  return new Command(name)
    .description(isActive ? 'let an account log in' : 'let an account log in no more, and end its sessions')
    .argument('<user>')
    .option('--json', 'print the account as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (user: string, { json }: { json?: true }, command: Command) => {
      await withApi(command, shell, async ({ api }) => {
        const { slug } = await findAccount(api, user)
        const account = await api.account(slug).patch({ is_active: isActive })
        if (json) printJson(shell, account)
        else print(shell, `${account.username} may ${isActive ? 'log in' : 'log in no more'}`)
      })
    })
}

/** By user name, e-mail address or slug, in any case. */
async function findAccount(api: Api, user: string): Promise<Account> {
  const wanted = user.toLowerCase()
  for await (const account of api.account.items({ staff: 1, page_size: 1_000 })) {
    const names = [account.username, account.email, account.slug]
    if (names.some((name) => name?.toLowerCase() === wanted)) return account
  }
  throw new Failure(`There is no user "${user}" that you may see; "sonde user list" shows those that are`)
}
