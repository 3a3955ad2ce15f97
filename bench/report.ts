/** What a benchmark found, in a form that can be kept and compared. */
import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

export interface Finding {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Of durations: the one that 99 of 100 do not exceed; `value` is the one in the middle. */
  readonly p99?: number
  /** What it is to reach, on a quiet machine and at full size. */
  readonly must?: { readonly atLeast: number } | { readonly atMost: number }
}

export function printFindings(title: string, findings: readonly Finding[]): void {
  console.log(`\n${title}`)
  const width = Math.max(...findings.map(({ name }) => name.length))
  for (const finding of findings) {
    const must = finding.must ? `(must be ${targetText(finding)})` : ''
    const cells = [finding.name.padEnd(width), figure(finding).padStart(10), finding.unit, must]
    console.log(`  ${cells.join('  ').trimEnd()}`)
  }
}

/** The figure of a finding as text, with that of the 99th percentile behind it. */
export function figure({ value, p99 }: Finding): string {
  return p99 === undefined ? format(value) : `${format(value)} / ${format(p99)}`
}

/** What it is to reach, or nothing. */
export function targetText({ must }: Finding): string {
  if (!must) return ''
  return 'atLeast' in must ? `≥ ${must.atLeast}` : `≤ ${must.atMost}`
}

/** Where and on what the figures were taken. */
export function machine(): Record<string, string | number> {
  return {
    node: process.version,
    cpu: cpus()[0].model,
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    commit: commit(),
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

/** Middle one of several durations in milliseconds. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
