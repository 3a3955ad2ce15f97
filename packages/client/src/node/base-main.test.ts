import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openCloud } from '../mock/reference-data.fixture.ts'
import { BaseMain, type MainOptions } from './base-main.ts'
import { promptPassword } from './prompt-password.ts'

class Script extends BaseMain {
  readonly steps: string[] = []
  readonly #domain: string
  constructor(domain: string, options: MainOptions) {
    super({ readPassword: async () => 'test', ...options })
    this.#domain = domain
  }
  override addExtraArgs() {
    return { days: { type: 'string' as const, default: '7' } }
  }
  override configLogging() {
    this.steps.push('configLogging')
  }
  override getDomain() {
    this.steps.push('getDomain')
    return this.#domain
  }
  override beforeLogin() {
    this.steps.push('beforeLogin')
  }
  override login() {
    this.steps.push('login')
    return super.login()
  }
  override async afterLogin() {
    this.steps.push(`afterLogin ${(await this.api.device.get()).count} ${this.args.days}`)
  }
  override logout() {
    this.steps.push('logout')
    return super.logout()
  }
  override afterLogout() {
    this.steps.push(`afterLogout ${this.api.token}`)
  }
}

const exitCode = process.exitCode
afterEach(() => {
  process.exitCode = exitCode
})

async function run(argv: string[], options: MainOptions = {}) {
  const { cloud, api } = await openCloud()
  cloud.quickAddUser()
  const script = new Script(api.domain, { argv, ...options })
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await script.main().finally(() => told.mockRestore())
  return { steps: script.steps, exitCode: process.exitCode }
}

describe('BaseMain', () => {
  const before = ['configLogging', 'getDomain', 'beforeLogin', 'login']

  it('goes through its steps in order', async () => {
    const { steps, exitCode } = await run(['-u', 'test@arch-iot.com', '--days', '30'])
    expect(steps).toEqual([...before, 'afterLogin 0 30', 'logout', 'afterLogout null'])
    expect(exitCode).toBeUndefined()
  })

  it('ends with 1 when the login fails', async () => {
    const options = { readPassword: async () => 'wrong' }
    expect(await run(['--user', 'test@arch-iot.com'], options)).toEqual({ steps: before, exitCode: 1 })
  })

  it('ends with 1 without a user', async () => {
    expect(await run([])).toEqual({ steps: ['configLogging'], exitCode: 1 })
  })

  it('logs out when the work fails', async () => {
    const { api, cloud } = await openCloud()
    cloud.quickAddUser()
    const script = new Script(api.domain, { argv: ['-u', 'test@arch-iot.com'] })
    script.afterLogin = () => Promise.reject(new Error('broken'))
    await expect(script.main()).rejects.toThrow('broken')
    expect(script.steps.at(-1)).toBe('logout')
    expect(script.api.token).toBeNull()
  })
})

describe('promptPassword', () => {
  const open = () => {
    const shown: string[] = []
    const output = new PassThrough().on('data', (chunk) => shown.push(String(chunk)))
    return { input: new PassThrough(), output, shown }
  }

  it.each([false, true])('reads a line and shows nothing of it (terminal: %s)', async (isTTY) => {
    const { input, output, shown } = open()
    const password = promptPassword('Password: ', { input: Object.assign(input, { isTTY }), output })
    input.write('correct horse\n')
    expect(await password).toBe('correct horse')
    expect(shown.join('')).toBe('Password: \n')
  })

  it('fails when there is none', async () => {
    const { input, output } = open()
    const password = promptPassword('Password: ', { input, output })
    input.end()
    await expect(password).rejects.toThrow('No password')
  })
})
