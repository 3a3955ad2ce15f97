/**
 * How much has flowed: sums over projects, devices and streams, added up here from their points, which every
 * server with this API can do. (Sonde also adds up itself: `POST /api/v1/report/accumulation/`.)
 * `node examples/scripts/accumulation-report.ts --user admin --source p--0001 --start 2026-05-01`
 */
import { AccumulationReportGenerator } from '@sonde/client'
import { BaseMain } from '@sonde/client/node'

class AccumulationReport extends BaseMain {
  override addExtraArgs() {
    return {
      source: { type: 'string', multiple: true },
      start: { type: 'string' },
      end: { type: 'string' },
    } as const
  }

  override getDomain() {
    return process.env.SONDE_URL ?? 'http://localhost:8080'
  }

  override async afterLogin() {
    const sources = [this.args.source ?? []].flat().map(String)
    const end = this.args.end === undefined ? new Date() : new Date(String(this.args.end))
    const generator = new AccumulationReportGenerator(this.api)
    const report = await generator.computeSum(sources, new Date(String(this.args.start)), end)
    if ('error' in report) throw new Error(report.error)
    for (const [stream, { sum, units }] of Object.entries(report.streams)) {
      console.log(`${stream}  ${sum.toFixed(2)} ${units}`.trimEnd())
    }
    console.log(`Total: ${report.total.toFixed(2)}`)
  }
}

await new AccumulationReport().main()
