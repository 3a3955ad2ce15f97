/** What a benchmark found, in a form that can be kept and compared. */
import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

export interface Finding {
  readonly name: string
  readonly value: number
  readonly unit: string
}

export function printFindings(title: string, findings: readonly Finding[]): void {
  console.log(`\n${title}`)
  const width = Math.max(...findings.map(({ name }) => name.length))
  for (const { name, value, unit } of findings) {
    console.log(`  ${name.padEnd(width)}  ${format(value).padStart(10)} ${unit}`)
  }
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
  return value.toPrecision(value >= 1_000 ? 4 : 3).replace(/e\+.*/, (exponent) => exponent)
}

/** Middle one of several durations in milliseconds. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
