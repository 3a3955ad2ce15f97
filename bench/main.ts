/**
 * `npm run bench`: figures of this machine. `npm run bench -- codec`, `-- line-protocol`, `-- store` for one
 * of them; `--full` for 20 million values; `--json` for figures to keep.
 */
import { parseArgs } from 'node:util'
import { benchCodec } from './codec.ts'
import { benchLineProtocol } from './line-protocol.ts'
import { type Finding, machine, printFindings } from './report.ts'
import { benchStore } from './store.ts'
import { FULL, USUAL } from './workload.ts'

const BENCHES: Record<string, (isFull: boolean) => Finding[] | Promise<Finding[]>> = {
  codec: (isFull) => benchCodec(isFull ? 20_000_000 : 5_000_000),
  'line-protocol': (isFull) => benchLineProtocol(isFull ? 20_000_000 : 5_000_000),
  store: (isFull) => benchStore(isFull ? FULL : USUAL),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
})
const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHES)
const unknown = wanted.filter((name) => !BENCHES[name])
if (unknown.length > 0) {
  console.error(`There is no benchmark "${unknown[0]}"; choose from ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}
const results: Record<string, Finding[]> = {}
for (const name of wanted) {
  results[name] = await BENCHES[name](values.full)
  if (!values.json) printFindings(name, results[name])
}
if (values.json) console.log(JSON.stringify({ machine: machine(), results }, null, 2))
