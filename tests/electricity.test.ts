/** The tour of a newcomer: a running server, the meter's file imported by the command line, a query over months. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discardServer, type RunningServer, startServer, temporaryFolder } from './server.fixture.ts'

const SONDE = join(import.meta.dirname, '../packages/cli/src/main.ts')
/** The meter's file lies beside the repository. Without it the test is skipped, except where CI is set. */
const METER_FILE = join(import.meta.dirname, '../../shared/data/Monitoring_report.csv')
const METER_FILE_MISSING = !existsSync(METER_FILE) && process.env.CI !== 'true'

describe.skipIf(METER_FILE_MISSING)(
  METER_FILE_MISSING ? 'electricity (skipped: the meter file is not beside the repository)' : 'electricity',
  () => {
    let server: RunningServer
    beforeAll(async () => {
      server = await startServer(await temporaryFolder())
    })
    afterAll(() => discardServer(server))

    it('shows the imported rows as streams, whose months add up to what the file says', async () => {
      const env = { PATH: process.env.PATH, SONDE_DATA_DIR: server.folder }
      const args = [SONDE, 'import', 'electricity', METER_FILE, '--user', 'rick:morty']
      const { stdout } = await promisify(execFile)(process.execPath, args, { env })
      expect(stdout).toMatch(/OK - CSV \(11716 lines\) successfully imported to elecprod.consumpdata\n$/)

      const query = 'query/?project=elecprod&variable=energy&every=1mo&agg=sum&tz=Europe/Madrid'
      const { results } = await (await server.request(query)).json()
      const [{ times, values }] = results
      expect(times.map((time: number) => new Date(time).toISOString())).toEqual([
        '2019-07-31T22:00:00.000Z',
        '2019-08-31T22:00:00.000Z',
        '2019-09-30T22:00:00.000Z',
        '2019-10-31T23:00:00.000Z',
      ])
      expect(values.map(inThousandths)).toEqual(thousandthsByMonth())
    })
  },
)

function inThousandths(value: number): number {
  return Math.round(value * 1_000)
}

/** The energy column added up in whole thousandths, so that nothing is lost. */
function thousandthsByMonth(): number[] {
  const sums = new Map<string, number>()
  for (const line of readFileSync(METER_FILE, 'utf8').trim().split('\n').slice(1)) {
    const [date, energy] = line.split(',')
    const month = date.split(' ')[1]
    sums.set(month, (sums.get(month) ?? 0) + Math.round(Number(energy) * 1_000))
  }
  return [...sums.values()]
}
