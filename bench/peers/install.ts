/**
 * Brings the programs of the peers from Debian. Only apt-get is asked, and no service is left running: the
 * benchmark starts the programs itself, on folders that go away afterwards.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { LoadError } from '../load/load-error.ts'
import type { Database } from './database.ts'

/** Asked by Debian's packages before they start a service; 101 means no. */
const POLICY_FILE = '/usr/sbin/policy-rc.d'
const POLICY = '#!/bin/sh\nexit 101\n'

/** @throws {LoadError} a program is missing and cannot be installed; the message names the packages. */
export async function installMissing(
  databases: readonly Database[],
  { tell, belongings }: { tell: (text: string) => void; belongings: AsyncDisposableStack },
): Promise<void> {
  const missing = []
  for (const { needs } of databases) {
    if (needs && !(await exists(needs.program))) missing.push(...needs.packages)
  }
  if (missing.length === 0) return
  const list = missing.join(' ')
  if (!(await exists('/usr/bin/apt-get'))) {
    throw new LoadError(`These programs are missing, and there is no apt-get that could bring them: ${list}`)
  }
  if (process.getuid?.() !== 0) {
    throw new LoadError(
      `These packages are missing; only root may install them: sudo apt-get install ${list}`,
    )
  }
  tell(`installing ${list} (they stay; "apt-get purge ${list}" takes them away)`)
  if (!(await exists(POLICY_FILE))) {
    await writeFile(POLICY_FILE, POLICY, { mode: 0o755 })
    belongings.defer(() => rm(POLICY_FILE, { force: true }))
  }
  const installing = install(missing)
  // Its scripts must find the policy up to their end, also when the benchmark is interrupted.
  belongings.defer(() => installing.catch(() => {}))
  await installing
}

export async function installedVersion(debianPackage: string): Promise<string> {
  const { stdout } = await promisify(execFile)('dpkg-query', ['-W', debianPackage])
  // Name and version; of the latter upstream's part, without an epoch and what Debian puts behind it.
  return stdout
    .trim()
    .split('\t')[1]
    .replace(/^\d+:/, '')
    .replace(/[-+~].*$/, '')
}

async function install(missing: readonly string[]): Promise<void> {
  await aptGet('update')
  await aptGet('install', '-y', '--no-install-recommends', ...missing)
}

async function aptGet(...given: readonly string[]): Promise<void> {
  const child = spawn('apt-get', ['-qq', ...given], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new LoadError(`"apt-get ${given.join(' ')}" failed; its last words are above`)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
