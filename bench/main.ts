/**
 * `npm run bench`: figures of this machine. Names choose some of the benchmarks, such as `-- codec`; `--full` is
 * the full size; `--peers` measures other databases beside the server; `--json` prints figures to keep;
 * `--write-docs` puts those of the comparison into the documentation.
 */
import { parseArgs } from 'node:util'
import { benchCodec } from './codec.ts'
import { benchHttp } from './http/bench-http.ts'
import { cleanUpOnSignals, isInterrupted } from './http/cleanup.ts'
import { printComparison } from './http/comparison.ts'
import type { Measured } from './http/measure.ts'
import { FULL_PLAN, USUAL_PLAN } from './http/plan.ts'
import { writeDocs } from './http/write-docs.ts'
import { benchLineProtocol } from './line-protocol.ts'
import { LoadError } from './load/load-error.ts'
import { type Finding, machine, printFindings } from './report.ts'
import { benchScale } from './scale/bench-scale.ts'
import { FULL_SCALE, USUAL_SCALE } from './scale/scenarios.ts'
import { benchSmall } from './small/bench-small.ts'
import { FULL_SMALL, USUAL_SMALL } from './small/plan.ts'
import { benchStore } from './store.ts'
import { FULL, USUAL } from './workload.ts'

/** One list of findings per thing that was measured. */
type Bench = () => Measured[] | Promise<Measured[]>

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  },
})

const valuesMax = options.full ? 20_000_000 : 5_000_000
const plan = options.full ? FULL_PLAN : USUAL_PLAN
const scenarios = options.full ? FULL_SCALE : USUAL_SCALE

const BENCHES: Record<string, Bench> = {
  codec: () => inProcess('codec', benchCodec(valuesMax)),
  'line-protocol': () => inProcess('line-protocol', benchLineProtocol(valuesMax)),
  store: async () => inProcess('store', await benchStore(options.full ? FULL : USUAL)),
  http: () => benchHttp(plan, { withPeers: options.peers }),
  scale: () => benchScale(scenarios, plan),
  small: () => benchSmall(options.full ? FULL_SMALL : USUAL_SMALL),
}

cleanUpOnSignals()
try {
  await run(chosen())
} catch (error) {
  if (!isInterrupted()) {
    if (!(error instanceof LoadError)) throw error
    console.error(`The benchmark failed: ${error.message}`)
    process.exitCode = 1
  }
}

/** @throws {LoadError} a name or a combination of options means nothing. */
function chosen(): string[] {
  const names = Object.keys(BENCHES)
  const wanted = positionals.length === 0 || positionals.includes('all') ? names : positionals
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown) throw new LoadError(`there is no benchmark "${unknown}"; choose from ${names.join(', ')}, all`)
  if (options.peers && !wanted.includes('http')) throw new LoadError('--peers belongs to the benchmark http')
  if (options['write-docs'] && !options.peers) throw new LoadError('--write-docs needs --peers')
  return wanted
}

async function run(names: readonly string[]): Promise<void> {
  const results: Record<string, Measured[]> = {}
  for (const name of names) {
    console.error(`${name}:`)
    results[name] = await BENCHES[name]()
    if (!options.json) print(name, results[name])
    if (name === 'http' && options['write-docs']) await writeDocs(results[name], plan.workload)
  }
  if (options.json) console.log(JSON.stringify({ machine: machine(), results }, null, 2))
}

function print(name: string, all: readonly Measured[]): void {
  if (name === 'http' && all.length > 1) printComparison(name, all)
  else
    for (const each of all) printFindings(each.name === name ? name : `${name}: ${each.name}`, each.findings)
}

function inProcess(name: string, findings: readonly Finding[]): Measured[] {
  return [{ name, findings }]
}
