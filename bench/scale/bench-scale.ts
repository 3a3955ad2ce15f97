/** The server with more and harder data than usual: how fast it takes it, how it settles, how it answers. */
import { askAll, expectCount } from '../http/ask.ts'
import { temporaryFolder, withCleanup } from '../http/cleanup.ts'
import { type Measured, watchLoad } from '../http/measure.ts'
import type { Plan } from '../http/plan.ts'
import { makeIotData, valueCount } from '../load/iot-data.ts'
import { Loader } from '../load/loader.ts'
import { sonde } from '../peers/sonde.ts'
import type { Finding } from '../report.ts'
import type { Scenario } from './scenarios.ts'

const MB = 1_000_000
/** Questions are asked twice of each scenario, and some of them take long. */
const CALLS_MAX = 30
const ASK_MS_MAX = 3_000

/** @throws {LoadError} a write is refused, or an answer is wrong. */
export async function benchScale(scenarios: readonly Scenario[], given: Plan): Promise<Measured[]> {
  const { callsMax, askMsMax } = given
  const plan = { ...given, callsMax: Math.min(callsMax, CALLS_MAX), askMsMax: Math.min(askMsMax, ASK_MS_MAX) }
  const all = []
  for (const scenario of scenarios) {
    const count = `${(valueCount(scenario.workload) / 1e6).toFixed(1)} M`
    const streams = scenario.workload.deviceCount * scenario.workload.metricsPerDevice
    plan.tell(`${scenario.name}: ${count} values of ${streams} series`)
    all.push({ name: `${scenario.name}, ${count}`, findings: await benchScenario(scenario, plan) })
  }
  return all
}

function benchScenario({ workload, arrival }: Scenario, plan: Plan): Promise<Finding[]> {
  return withCleanup(async (belongings) => {
    const running = await sonde.start(await temporaryFolder(belongings), workload)
    belongings.defer(() => running.stop())
    const loader = new Loader(sonde.name, belongings)
    await loader.run({ kind: 'prepare', workload, arrival })
    plan.tell('loading')
    const load = await watchLoad(running, () =>
      loader.run({ kind: 'bulk', port: running.port, space: 'iot' }),
    )
    const count = valueCount(workload)
    const place = () => ({ database: sonde, port: running.port })
    await expectCount(place(), { space: 'iot', workload, count })
    const loadedBytes = await running.sizeBytes()
    const data = makeIotData(workload)
    plan.tell('asking')
    const asked = await askAll(place(), data, plan)
    plan.tell('merging')
    const start = performance.now()
    await running.settle()
    const settleMs = performance.now() - start
    const settledBytes = await running.sizeBytes()
    plan.tell('asking again')
    const askedAgain = await askAll(place(), data, plan)
    return [
      { name: 'bulk load', value: load.count / load.elapsedMs / 1_000, unit: 'M values/s' },
      { name: 'CPU of the bulk load', value: (load.cpuS / load.count) * 1e6, unit: 's per M values' },
      { name: 'memory, peak of the bulk load', value: load.peakBytes / MB, unit: 'MB' },
      { name: 'written to the disk', value: load.writtenBytes / load.count, unit: 'B/value' },
      { name: 'on disk, right after it', value: loadedBytes / count, unit: 'B/value' },
      { name: 'restart with a merge in between', value: settleMs / 1_000, unit: 's' },
      { name: 'on disk, merged', value: settledBytes / count, unit: 'B/value' },
      ...asked.map(withoutTarget),
      ...askedAgain.map(withoutTarget).map((each) => ({ ...each, name: `${each.name}, merged` })),
    ]
  })
}

/** The targets are those of another size. */
function withoutTarget({ must: _, ...finding }: Finding): Finding {
  return finding
}
