import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TINY } from '../workload.ts'
import type { Measured } from './measure.ts'
import { figuresText, PAGE, replaceFigures } from './write-docs.ts'

const RATE = { name: 'bulk load', unit: 'M values/s' }
const TIME = { name: 'last value', unit: 'ms' }

function measured(name: string, rate: number, time: number): Measured {
  const must = { atLeast: 1_234 }
  return {
    name,
    version: '1.2',
    findings: [
      { ...RATE, value: rate, must },
      { ...TIME, value: time, p99: 2 * time },
    ],
  }
}

describe('figures in the documentation', () => {
  const text = figuresText([measured('Sonde', 8, 0.5), measured('InfluxDB', 2, 0.25)], TINY)

  it('stand in a table with the best in bold', () => {
    expect(text).toContain('|  | Sonde 1.2 | InfluxDB 1.2 |')
    expect(text).toContain('| bulk load, M values/s | **8.00** | 2.00 |')
    expect(text).toContain('| last value, ms | 0.500 / 1.00 | **0.250 / 0.500** |')
  })

  it('name those that are ahead', () => {
    expect(text).toContain('- last value: InfluxDB (2.0 times)')
    expect(text).not.toContain('- bulk load')
  })

  it('leave out what is to be reached', () => {
    expect(text).not.toContain('1234')
  })

  it('say so when nobody is ahead', () => {
    const all = [measured('Sonde', 8, 0.5), measured('InfluxDB', 2, 1)]
    expect(figuresText(all, TINY)).toContain('None of the others is ahead of Sonde')
  })

  it('find their place on the page', async () => {
    const page = replaceFigures(await readFile(PAGE, 'utf8'), 'one')
    expect(page).toContain('begin -->\n\none\n\n<!--')
    expect(replaceFigures(page, 'two')).toBe(page.replace('one\n\n<!--', 'two\n\n<!--'))
  })

  it('need their place on the page', () => {
    expect(() => replaceFigures('# Benchmarks', 'one')).toThrow('needs the lines')
  })
})
