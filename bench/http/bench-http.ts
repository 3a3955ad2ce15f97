/** The server over HTTP, and the databases beside it, one after the other so that each has the machine. */
import { PEERS } from '../peers/databases.ts'
import { installMissing } from '../peers/install.ts'
import { sonde } from '../peers/sonde.ts'
import { withCleanup } from './cleanup.ts'
import { type Measured, measure } from './measure.ts'
import { measureOpening } from './open-time.ts'
import type { Plan } from './plan.ts'

/** Sonde first. @throws {LoadError} something does not start, is missing, or answers wrongly. */
export async function benchHttp(plan: Plan, { withPeers }: { withPeers: boolean }): Promise<Measured[]> {
  if (withPeers) {
    await withCleanup((belongings) => installMissing(PEERS, { tell: plan.tell, belongings }))
  }
  const own = await measure(sonde, plan)
  const all: Measured[] = [{ ...own, findings: [...own.findings, ...(await measureOpening(plan))] }]
  if (!withPeers) return all
  for (const peer of PEERS) all.push(await measure(peer, plan))
  return all
}
