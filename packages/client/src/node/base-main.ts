/**
 * The skeleton of a script: logs in, does its work in `afterLogin`, logs out. A script extends it and overrides
 * what it needs; the password is never among the arguments, where other users of the machine would see it.
 */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { Api, type ApiOptions } from '../api/api.ts'
import { promptPassword } from './prompt-password.ts'

export interface MainOptions {
  /** Left out, those of the process. */
  readonly argv?: readonly string[]
  readonly readPassword?: (question: string) => Promise<string>
  /** Of the client, besides the domain. */
  readonly api?: Omit<ApiOptions, 'domain'>
}

const OWN_ARGS = { user: { type: 'string', short: 'u' } } as const

export class BaseMain {
  readonly #options: MainOptions
  /** By name of the option, from the beginning of `main` on. */
  args: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>> = {}
  /** From before `beforeLogin` on. */
  api!: Api

  constructor(options: MainOptions = {}) {
    this.#options = options
  }

  /** More options, as `parseArgs` of `node:util` takes them. */
  addExtraArgs(): ParseArgsOptionsConfig {
    return {}
  }

  /** Called first, with `args` in place. */
  configLogging(): void | Promise<void> {}

  getDomain(): string | Promise<string> {
    return 'https://iotile.cloud'
  }

  beforeLogin(): void | Promise<void> {}

  /** Asks for the password. */
  async login(): Promise<boolean> {
    const ask = this.#options.readPassword ?? promptPassword
    const password = await ask('Password: ')
    return this.api.login({ email: String(this.args.user), password })
  }

  /** The work of the script. */
  afterLogin(): void | Promise<void> {}

  async logout(): Promise<void> {
    await this.api.logout()
  }

  afterLogout(): void | Promise<void> {}

  /** Runs everything in its order. Without a user or a login the exit code of the process becomes 1. */
  async main(): Promise<void> {
    const options = { ...this.addExtraArgs(), ...OWN_ARGS }
    const { values } = parseArgs({ args: [...(this.#options.argv ?? process.argv.slice(2))], options })
    this.args = values
    await this.configLogging()
    if (!this.args.user) return fail('User email is required: --user')
    this.api = new Api({ ...this.#options.api, domain: await this.getDomain() })
    await this.beforeLogin()
    if (!(await this.login())) return fail('The server does not accept this user and password')
    try {
      await this.afterLogin()
    } finally {
      await this.logout()
    }
    await this.afterLogout()
  }
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`)
  process.exitCode = 1
}
