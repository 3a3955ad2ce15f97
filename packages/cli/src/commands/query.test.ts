import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { discardServer, type RunningServer, startServer } from '../../../../tests/server.fixture.ts'
import { sondeHere } from '../here.fixture.ts'

const FILE = `time,temp,state
2024-05-01T10:00:00Z,20,on
2024-05-01T10:30:00Z,22,
2024-05-01T11:00:00Z,25.5,
`

describe('sonde query', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await mkdtemp(join(tmpdir(), 'sonde-cli-')))
    const args = ['import', 'csv', '-', '--project', 'Home', '--device', 'boiler']
    const environment = { SONDE_DATA_DIR: server.folder }
    expect(await sondeHere(args, { environment, input: FILE })).toMatchObject({ code: 0 })
    return async () => {
      await discardServer(server)
      await rm(server.folder, { recursive: true, force: true })
    }
  })

  const run = (...args: string[]) =>
    sondeHere(['query', ...args], { environment: { SONDE_DATA_DIR: server.folder } })
  const TEMP = ['--project', 'Home', '--variable', 'temp']

  it('prints a table', async () => {
    const { code, out, err } = await run(...TEMP)
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out[0]).toMatch(/^time {18}device {2}variable {2}stream +value$/)
    expect(out[1]).toMatch(/^─+( {2}─+){4}$/)
    expect(out[2]).toMatch(/^2024-05-01T10:00:00Z {2}boiler {2}temp {6}s--[0-9a-f-]+ {5}20$/)
    expect(out).toHaveLength(5)
  })

  it('prints aggregates', async () => {
    const { out } = await run(...TEMP, '--every', '1h', '--agg', 'mean,max', '--format', 'csv')
    expect(out.map((line) => line.replace(/,s--[^,]*/, ''))).toEqual([
      'time,device,variable,stream,mean,max',
      '2024-05-01T10:00:00Z,boiler,temp,21,22',
      '2024-05-01T11:00:00Z,boiler,temp,25.5,25.5',
    ])
  })

  it('prints JSON', async () => {
    const { out } = await run(...TEMP, '--json')
    expect(JSON.parse(out.join('\n')).results[0].values).toEqual([20, 22, 25.5])
    expect(await run(...TEMP, '--format', 'json')).toMatchObject({ out })
  })

  it('prints a JSON object a line', async () => {
    const { out } = await run(...TEMP, '--format', 'ndjson', '--start', '2024-05-01T11:00:00Z')
    expect(out.map((line) => JSON.parse(line).value)).toEqual([25.5])
  })

  it('takes slugs', async () => {
    const { out } = await run(...TEMP, '--format', 'ndjson')
    const { stream } = JSON.parse(out[0])
    expect((await run(stream, '--format', 'ndjson')).out).toEqual(out)
  })

  it('says that there are no points', async () => {
    expect(await run('--project', 'Nowhere')).toMatchObject({ code: 0, out: [], err: ['No points'] })
  })

  it('passes on why the server refuses', async () => {
    const { code, err } = await run(...TEMP, '--every', 'often')
    expect(err[0]).toMatch(/^error: every: /)
    expect(code).toBe(1)
  })

  it('wants to know what to read', async () => {
    const { code, err } = await run()
    expect(err[0]).toBe('error: say what to read: slugs, or --project, --device or --variable')
    expect(code).toBe(2)
  })
})
