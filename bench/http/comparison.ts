/** What several databases reached, row by row, for terminals and for the documentation. */
import { type Finding, figure, targetText } from '../report.ts'
import type { Measured } from './measure.ts'

export interface ComparisonRow {
  readonly name: string
  readonly unit: string
  /** One per database, in their order; undefined where it was not measured. */
  readonly findings: readonly (Finding | undefined)[]
  /** Positions of those that nobody beats. */
  readonly best: readonly number[]
}

/** Rows in the order of the first database, which has been measured in everything. */
export function compare(all: readonly Measured[]): ComparisonRow[] {
  return all[0].findings.map(({ name, unit }) => {
    const findings = all.map((each) => each.findings.find((finding) => finding.name === name))
    const merits = findings.map((finding) => (finding ? merit(finding) : Number.NEGATIVE_INFINITY))
    const most = Math.max(...merits)
    const best = merits.flatMap((each, position) => (each === most ? [position] : []))
    return { name, unit, findings, best: findings.filter(Boolean).length > 1 ? best : [] }
  })
}

/** How many times better one figure is than another; below 1 it is worse. */
export function advantage(of: Finding, over: Finding): number {
  return isRate(of) ? of.value / over.value : over.value / of.value
}

export function printComparison(title: string, all: readonly Measured[]): void {
  const heading = ['', '', ...all.map(({ name }) => name), 'Sonde must']
  const rows = compare(all).map(({ name, unit, findings }) => [
    name,
    unit,
    ...findings.map((finding) => (finding ? figure(finding) : '')),
    findings[0] ? targetText(findings[0]) : '',
  ])
  const widths = heading.map((_, column) => Math.max(...[heading, ...rows].map((row) => row[column].length)))
  console.log(`\n${title}`)
  for (const row of [heading, ...rows]) {
    const cells = row.map((cell, column) =>
      column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    )
    console.log(`  ${cells.join('  ').trimEnd()}`)
  }
}

function merit(finding: Finding): number {
  return isRate(finding) ? finding.value : -finding.value
}

/** Of rates more is better, of times, sizes and costs less. */
function isRate({ unit }: Finding): boolean {
  return unit.endsWith('/s')
}
