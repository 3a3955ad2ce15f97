import { describe, expect, it } from 'vitest'
import { benchCodec } from './codec.ts'
import { benchHttp } from './http/bench-http.ts'
import { TINY_PLAN } from './http/plan.ts'
import { benchLineProtocol } from './line-protocol.ts'
import type { Finding } from './report.ts'
import { benchScale } from './scale/bench-scale.ts'
import { TINY_SCALE } from './scale/scenarios.ts'
import { benchSmall } from './small/bench-small.ts'
import { TINY_SMALL } from './small/plan.ts'
import { benchStore } from './store.ts'
import { TINY } from './workload.ts'

/** Servers are started and stopped a few times. */
const MS_MAX = 120_000

describe('benchmarks', () => {
  it.each<[string, () => Promise<readonly Finding[]>]>([
    ['codec', async () => benchCodec(2_000)],
    ['line-protocol', async () => benchLineProtocol(50_000)],
    ['store', () => benchStore(TINY)],
    ['http', async () => (await benchHttp(TINY_PLAN, { withPeers: false }))[0].findings],
    ['small', async () => (await benchSmall(TINY_SMALL)).flatMap(({ findings }) => findings)],
    ['scale', async () => (await benchScale(TINY_SCALE, TINY_PLAN))[0].findings],
  ])(
    '%s runs and finds something',
    async (_, bench) => {
      const findings = await bench()
      expect(findings.length).toBeGreaterThan(3)
      for (const { name, value } of findings) {
        expect(value, name).toBeGreaterThanOrEqual(0)
        expect(value, name).toBeLessThan(Number.POSITIVE_INFINITY)
      }
    },
    MS_MAX,
  )
})
