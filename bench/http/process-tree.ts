/** What a process and its children have used, as Linux counts it in /proc. */
import { readFileSync } from 'node:fs'

export interface Usage {
  /** Of the process and all of its children, ended ones too. */
  readonly cpuS: number
  readonly writtenBytes: number
}

/** USER_HZ, the same on every Linux that Node runs on. */
const TICKS_PER_S = 100
/** Places behind the name in /proc/<pid>/stat: user and system time, then those of children that ended. */
const TICK_FIELDS = [11, 12, 13, 14]
const PEAK_EVERY_MS = 200

export function usageOf(pid: number): Usage {
  let cpuS = 0
  let writtenBytes = 0
  for (const each of treeOf(pid)) {
    const stat = read(each, 'stat')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    for (const field of TICK_FIELDS) cpuS += Number(fields[field] ?? 0) / TICKS_PER_S
    writtenBytes += Number(/^write_bytes: (\d+)/m.exec(read(each, 'io'))?.[1] ?? 0)
  }
  return { cpuS, writtenBytes }
}

/** Memory now. Of several processes each page that they share counts once. */
export function residentBytes(pid: number): number {
  const tree = treeOf(pid)
  if (tree.length === 1) return kilobytes(read(pid, 'status'), 'VmRSS')
  return tree.reduce((total, each) => total + kilobytes(read(each, 'smaps_rollup'), 'Pss'), 0)
}

export interface PeakWatch {
  /** The most memory since the process began, or of several processes since the watch began. */
  end(): number
}

export function watchPeak(pid: number): PeakWatch {
  let peak = 0
  const look = () => {
    peak = Math.max(peak, residentBytes(pid))
  }
  const timer = treeOf(pid).length > 1 ? setInterval(look, PEAK_EVERY_MS) : undefined
  return {
    end() {
      clearInterval(timer)
      if (timer === undefined) return kilobytes(read(pid, 'status'), 'VmHWM')
      look()
      return peak
    },
  }
}

function treeOf(pid: number): number[] {
  const children = read(pid, `task/${pid}/children`).split(' ').map(Number).filter(Boolean)
  return [pid, ...children.flatMap(treeOf)]
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1_024
}

/** Nothing for a process that ended since it was listed. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}
