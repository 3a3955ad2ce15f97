/** Puts the figures of a run into the documentation, between two comments that mark their place. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { valueCount } from '../load/iot-data.ts'
import { LoadError } from '../load/load-error.ts'
import { databaseNamed } from '../peers/databases.ts'
import { figure, machine } from '../report.ts'
import type { Workload } from '../workload.ts'
import { advantage, compare } from './comparison.ts'
import type { Measured } from './measure.ts'

export const PAGE = join(import.meta.dirname, '../../docs/reference/benchmarks.md')
const BEGIN = '<!-- figures: begin -->'
/** Less is chance. */
const AHEAD_FROM = 1.05
const END = '<!-- figures: end -->'

export async function writeDocs(all: readonly Measured[], workload: Workload): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  await writeFile(PAGE, replaceFigures(page, figuresText(all, workload)))
}

/** @throws {LoadError} the page lacks the comments. */
export function replaceFigures(page: string, figures: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new LoadError(`${PAGE} needs the lines "${BEGIN}" and "${END}"`)
  return `${page.slice(0, begin)}${BEGIN}\n\n${figures.trim()}\n\n${page.slice(end)}`
}

/** Everything that a reader needs to judge the figures stands beside them. */
export function figuresText(all: readonly Measured[], workload: Workload): string {
  return [
    conditions(workload),
    table([
      ['', ...all.map(({ name, version = '' }) => `${name} ${version}`)],
      ...compare(all).map(({ name, unit, findings, best }) => [
        `${name}, ${unit}`,
        ...findings.map((finding, position) => {
          if (!finding) return '–'
          return best.includes(position) ? `**${figure(finding)}**` : figure(finding)
        }),
      ]),
    ]),
    lagText(all),
    table([
      ['', 'When a write is answered, it is', 'Set up'],
      ...all.map(({ name }) => {
        const { durability, setup } = databaseNamed(name)
        return [name, durability, setup]
      }),
    ]),
  ].join('\n\n')
}

function conditions(workload: Workload): string {
  const { cpu, cores, memoryGb, node } = machine()
  const { deviceCount, metricsPerDevice } = workload
  const millions = Number((valueCount(workload) / 1e6).toPrecision(3))
  const series = (deviceCount * metricsPerDevice).toLocaleString('en')
  const day = new Date().toISOString().slice(0, 10)
  return `Taken on ${day} on ${cores} cores (${cpu}) with ${memoryGb} GB, Node ${node}: ${millions} million values of \
${series} series, ${deviceCount.toLocaleString('en')} devices with ${metricsPerDevice} metrics each.`
}

function table([heading, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Names every figure in which another database is ahead, so that nobody has to look for them. */
function lagText([own, ...peers]: readonly Measured[]): string {
  const lags = own.findings.flatMap((finding) => {
    const ahead = peers.flatMap(({ name, findings }) => {
      const theirs = findings.find((each) => each.name === finding.name)
      const times = theirs ? advantage(theirs, finding) : 0
      return times >= AHEAD_FROM ? [`${name} (${timesText(times)})`] : []
    })
    return ahead.length > 0 ? [`- ${finding.name}: ${ahead.join(', ')}`] : []
  })
  if (lags.length === 0) return `None of the others is ahead of ${own.name} in any of these.`
  return [`Others are ahead of ${own.name} in:`, '', ...lags].join('\n')
}

function timesText(times: number): string {
  return Number.isFinite(times) ? `${times.toFixed(times < 10 ? 1 : 0)} times` : 'by far'
}
