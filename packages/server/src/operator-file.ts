/**
 * `operator.json` in the data folder, readable by its owner alone: the address of the running server and a
 * token for it. Whoever may read the data folder may do everything with the data anyway; with this file the
 * command line on the same machine needs no login.
 */
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ALL_SCOPES } from './access/caller.ts'
import { issueToken } from './access/tokens.ts'
import { listStaff } from './catalog/accounts.ts'
import type { CatalogDb } from './catalog/schema.ts'
import { revokeTokensNamed } from './catalog/tokens.ts'
import type { Clock } from './model/clock.ts'

const TOKEN_NAME = 'operator of the data folder'

export interface OperatorFile {
  /** Takes the file away and its token back. */
  remove(): Promise<void>
}

/** Tokens of servers that ended without taking theirs back are revoked first. */
export async function writeOperatorFile(
  { catalog, clock }: { catalog: CatalogDb; clock: Clock },
  { folder, url }: { folder: string; url: string },
): Promise<OperatorFile> {
  const path = join(folder, 'operator.json')
  const revoke = () => revokeTokensNamed(catalog, { name: TOKEN_NAME, nowUs: clock.nowUs() })
  await revoke()
  const [owner] = await listStaff(catalog)
  if (!owner) return { remove: async () => {} }
  const { text: token } = await issueToken(catalog, {
    accountId: owner.id,
    kind: 'api',
    name: TOKEN_NAME,
    scopes: ALL_SCOPES,
    nowUs: clock.nowUs(),
  })
  await rm(path, { force: true })
  await writeFile(path, `${JSON.stringify({ url, token, pid: process.pid }, null, 2)}\n`, { mode: 0o600 })
  await chmod(path, 0o600)
  return {
    async remove() {
      await rm(path, { force: true })
      await revoke()
    },
  }
}
