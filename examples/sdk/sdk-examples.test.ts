/** The examples of the SDK print what its page says, and the page shows them as they are. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { format } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../../tests/server.fixture.ts'

const PAGE = join(import.meta.dirname, '../../docs/reference/sdk.md')

/** Name of the example, its program, and what it prints. */
async function examplesOfPage(): Promise<Map<string, { program: string; output: string }>> {
  const page = await readFile(PAGE, 'utf8')
  const blocks = page.matchAll(
    /<!-- examples\/sdk\/([\w-]+\.ts) -->\n```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g,
  )
  return new Map(Array.from(blocks, ([, name, program, output]) => [name, { program, output }]))
}

describe('examples of the SDK', () => {
  let server: RunningServer
  let examples: Awaited<ReturnType<typeof examplesOfPage>>
  beforeAll(async () => {
    examples = await examplesOfPage()
    server = await startServer(await temporaryFolder())
    vi.stubEnv('SONDE_URL', server.url)
    vi.stubEnv('SONDE_TOKEN', ADMIN.token)
    vi.stubEnv('SONDE_PASSWORD', ADMIN.password)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await discardServer(server)
  })

  /** In this process, which is faster than one for each. */
  async function run(name: string): Promise<string> {
    const printed: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((...values) => {
      printed.push(format(...values))
    })
    onTestFinished(() => log.mockRestore())
    await import(join(import.meta.dirname, name))
    return `${printed.join('\n')}\n`
  }

  it('are all on the page', async () => {
    const files = (await readdir(import.meta.dirname)).filter((name) => !name.endsWith('.test.ts'))
    expect([...examples.keys()].sort()).toEqual(files.sort())
  })

  // In this order: what the first one writes the others read.
  it.each([
    'write-points.ts',
    'query-points.ts',
    'resources.ts',
    'session.ts',
    'slugs-and-units.ts',
    'mock-cloud.ts',
  ])('%s', async (name) => {
    const example = examples.get(name)
    expect(example?.program).toBe(await readFile(join(import.meta.dirname, name), 'utf8'))
    expect(await run(name)).toBe(example?.output)
  })

  it('count-devices.ts', async () => {
    const path = join(import.meta.dirname, 'count-devices.ts')
    expect(examples.get('count-devices.ts')?.program).toBe(await readFile(path, 'utf8'))
    const child = spawn(process.execPath, [path, '--user', ADMIN.username, '--org', 'home'], {
      env: { PATH: process.env.PATH, SONDE_URL: server.url },
    })
    child.stdin.end(`${ADMIN.password}\n`)
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect(output).toBe(examples.get('count-devices.ts')?.output)
  })
})
