/** How long the server takes to open a folder whose log holds points that a killed server had acknowledged. */
import { join } from 'node:path'
import { valueCount } from '../load/iot-data.ts'
import { LoadError } from '../load/load-error.ts'
import { Loader } from '../load/loader.ts'
import { sonde, startSonde } from '../peers/sonde.ts'
import type { Finding } from '../report.ts'
import { expectCount } from './ask.ts'
import { temporaryFolder, withCleanup } from './cleanup.ts'
import { folderBytes } from './folder-size.ts'
import type { Plan } from './plan.ts'

/** Heads of four million points, so that nothing is flushed before the server is killed. */
const ENVIRONMENT = { SONDE_MEMORY_MAX_MB: '1024' }

/** @throws {LoadError} points are missing afterwards, or nothing was left to be replayed. */
export function measureOpening({ logged, tell }: Plan): Promise<Finding[]> {
  return withCleanup(async (belongings) => {
    const count = valueCount(logged)
    tell(`Sonde: killed with ${(count / 1e6).toFixed(1)} M points in its log`)
    const loader = new Loader(sonde.name, belongings)
    await loader.run({ kind: 'prepare', workload: logged, arrival: 'in-order' })
    const folder = await temporaryFolder(belongings)
    const first = await startSonde(folder, ENVIRONMENT)
    belongings.defer(() => first.stop())
    await first.stop()
    const empty = await timedStart(folder, belongings)
    await loader.run({ kind: 'bulk', port: empty.server.port, space: 'iot' })
    await empty.server.kill()
    const logBytes = await folderBytes(join(folder, 'points/log'))
    if (logBytes < count) throw new LoadError(`The log has only ${logBytes} bytes; it was flushed`)
    const full = await timedStart(folder, belongings)
    await expectCount({ database: sonde, port: full.server.port }, { space: 'iot', workload: logged, count })
    return [
      { name: 'start on an empty folder', value: empty.elapsedMs / 1_000, unit: 's' },
      {
        name: `start, longer by this with ${(count / 1e6).toPrecision(1)} M points in the log`,
        value: Math.max(0, full.elapsedMs - empty.elapsedMs) / 1_000,
        unit: 's',
        must: { atMost: 1 },
      },
    ]
  })
}

async function timedStart(folder: string, belongings: AsyncDisposableStack) {
  const start = performance.now()
  const server = await startSonde(folder, ENVIRONMENT)
  const elapsedMs = performance.now() - start
  belongings.defer(() => server.stop())
  return { server, elapsedMs }
}
