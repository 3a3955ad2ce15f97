/**
 * Programs that other people wrote, against a server as it is started. Needs Debian's `python3-influxdb` and
 * `influxdb-client`; `npm run test:clients` runs it.
 */
import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, discardServer, type RunningServer, startServer, temporaryFolder } from '../server.fixture.ts'

const PYTHON = '/usr/bin/python3'
const run = promisify(execFile)

const IMPORT_FILE = `# DDL
CREATE DATABASE cellar WITH NAME autogen
# DML
# CONTEXT-DATABASE: cellar
# CONTEXT-RETENTION-POLICY: autogen
wine,host=rack\\ 1 temperature=11.5,bottles=12i 1777615200
wine,host=rack\\ 2 temperature=12.5,label="Rioja, \\"old\\"" 1777615200
`

describe('InfluxDB clients', () => {
  let server: RunningServer
  beforeAll(async () => {
    requireProgram('python3-influxdb', PYTHON, ['-c', 'import influxdb'])
    requireProgram('influxdb-client', 'influx', ['-version'])
    server = await startServer(await temporaryFolder())
  })
  afterAll(() => server && discardServer(server))

  /** Values by `device/variable`. */
  async function stored(project: string): Promise<Record<string, unknown[]>> {
    const reply = await server.request(`query/?project=${project}`)
    const { results } = await reply.json()
    return Object.fromEntries(
      results.map(({ device, variable, values }: { device: string; variable: string; values: unknown[] }) => {
        return [`${device}/${variable}`, values]
      }),
    )
  }

  it('writes with the Python library', async () => {
    const script = join(import.meta.dirname, 'influx-writer.py')
    const { stdout } = await run(PYTHON, [script, server.url, ADMIN.username, ADMIN.password])
    expect(JSON.parse(stdout)).toEqual({
      ping: '1.8.10-sonde',
      created: null,
      databases: [{ name: 'greenhouse' }],
      policies: [expect.objectContaining({ name: 'autogen', default: true })],
      empty: true,
      points: true,
      lines: true,
      packed: true,
      partial: { status: 400, text: expect.stringContaining('partial write: line 1: ') },
      query: { status: 400, text: expect.stringContaining('/api/v1/query/') },
      wrong: { status: 401, text: expect.any(String) },
    })
    const points = await stored('greenhouse')
    expect(points['south/pump.flow']).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    expect(points).toMatchObject({
      'north side/air.warm{a\\,b=x\\=y}': [1],
      'north side/air.humidity{a\\,b=x\\=y}': [81],
      'north side/air.temperature{a\\,b=x\\=y}': [14.25],
      'north side/air.note{a\\,b=x\\=y}': ['said "hi" in C:\\temp\\'],
      'south/soil': [7, 8],
    })
  })

  it('imports, inserts and lists with the influx command', async () => {
    const { hostname, port } = new URL(server.url)
    const influx = (...more: string[]) => {
      const login = ['-username', ADMIN.username, '-password', ADMIN.password]
      return run('influx', ['-host', hostname, '-port', port, ...login, ...more])
    }
    const file = join(server.folder, 'export.txt')
    await writeFile(file, IMPORT_FILE)
    const { stdout } = await influx('-import', '-path', file, '-precision', 's')
    expect(stdout).toContain('Processed 2 inserts')
    expect(stdout).toContain('Failed 0 inserts')
    await influx(
      '-database',
      'cellar',
      '-execute',
      'INSERT wine,host=rack\\ 1 bottles=11i 1777615201000000000',
    )
    expect((await influx('-execute', 'SHOW DATABASES')).stdout).toContain('cellar')
    expect(await stored('cellar')).toEqual({
      'rack 1/wine.temperature': [11.5],
      'rack 1/wine.bottles': [12, 11],
      'rack 2/wine.temperature': [12.5],
      'rack 2/wine.label': ['Rioja, "old"'],
    })
  })
})

function requireProgram(debianPackage: string, program: string, options: string[]): void {
  if (spawnSync(program, options).status === 0) return
  throw new Error(`${program} ${options.join(' ')} fails; install Debian's package ${debianPackage}`)
}
