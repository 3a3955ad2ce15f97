import { describe, expect, it } from 'vitest'
import { benchCodec } from './codec.ts'
import { benchLineProtocol } from './line-protocol.ts'
import { benchStore } from './store.ts'
import { TINY } from './workload.ts'

describe('benchmarks', () => {
  it.each([
    ['codec', async () => benchCodec(2_000)],
    ['line-protocol', async () => benchLineProtocol(50_000)],
    ['store', () => benchStore(TINY)],
  ])('%s runs and finds something', async (_, bench) => {
    const findings = await bench()
    expect(findings.length).toBeGreaterThan(3)
    for (const { value } of findings) expect(value).toBeGreaterThan(0)
  })
})
