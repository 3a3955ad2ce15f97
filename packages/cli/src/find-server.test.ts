import { mkdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { discardServer, startServer } from '../../../tests/server.fixture.ts'
import { sondeHere } from './here.fixture.ts'
import { sonde, temporaryFolder } from './sonde.fixture.ts'

const QUERY = ['query', '--project', 'Home']

describe('finding a server', () => {
  let folder: string
  beforeEach(async () => {
    folder = await temporaryFolder()
  })

  /** The error line of a query that finds none. */
  async function failure(environment: Record<string, string> = {}, args: string[] = []): Promise<string> {
    const { code, out, err } = await sondeHere([...QUERY, ...args], {
      environment: { SONDE_DATA_DIR: folder, ...environment },
    })
    expect({ code, out }).toEqual({ code: 1, out: [] })
    expect(err).toHaveLength(1)
    return err[0]
  }

  it('makes no data folder for a question', async () => {
    expect(await failure()).toMatch(
      /^error: No Sonde runs here, and \/.* holds no data\. Start one with "sonde serve"/,
    )
  })

  it('asks for a token', async () => {
    expect(await failure({ SONDE_URL: 'http://127.0.0.1:1' })).toMatch(
      /^error: A token is needed .*SONDE_TOKEN/,
    )
  })

  it('says that nobody answers at an address', async () => {
    const url = `http://127.0.0.1:${await unusedPort()}`
    const line = await failure({}, ['--url', url, '--token', 'x'])
    expect(line).toBe(`error: No answer from ${url} (ECONNREFUSED). Does a Sonde run there?`)
  })

  it('refuses what is no address', async () => {
    expect(await failure({ SONDE_URL: 'localhost:8080', SONDE_TOKEN: 'x' })).toMatch(
      /^error: "localhost:8080" is no address/,
    )
  })

  it('opens the data folder itself when a killed server left its file behind', async () => {
    await sonde(['import', 'csv', '-', '--project', 'Home', '--device', 'd'], { folder, input: 'time,x\n' })
    await writeFile(
      join(folder, 'operator.json'),
      JSON.stringify({ url: 'http://127.0.0.1:1', token: 'x', pid: 2 ** 22 + 1 }),
    )
    expect(await sonde(QUERY, { folder })).toEqual({ code: 0, out: [], err: ['No points'] })
  })

  it('says how to reach a server whose file is gone', async () => {
    const server = await startServer(folder)
    try {
      await writeFile(join(folder, 'operator.json'), '{')
      expect(await failure()).toMatch(
        /^error: The data folder is in use by a Sonde .*SONDE_URL and SONDE_TOKEN$/,
      )
    } finally {
      await discardServer(server)
    }
  })

  it('says which file it cannot read', async () => {
    await mkdir(join(folder, 'operator.json'))
    expect(await failure()).toMatch(
      /^error: .*operator\.json cannot be read \(EISDIR\)\. Run the command as the user whose server/,
    )
  })

  it('says that a token is not accepted', async () => {
    const server = await startServer(folder)
    try {
      const line = await failure({ SONDE_URL: server.url, SONDE_TOKEN: 'wrong' })
      expect(line).toBe(
        `error: ${server.url} does not accept the token: Invalid token. Give a valid one in SONDE_TOKEN or with --token`,
      )
    } finally {
      await discardServer(server)
    }
  })

  it('names a setting that is none', async () => {
    await sonde(['import', 'csv', '-', '--project', 'Home', '--device', 'd'], { folder, input: 'time,x\n' })
    expect(await failure({ SONDE_PROT: '1' })).toMatch(/^error: SONDE_PROT is not a setting/)
  })
})

/** One that was free a moment ago. */
async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
