/** The reference project of the interface, in a mock cloud. Its files lie beside the repository. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { Api } from '../api/api.ts'
import { MockCloud } from './mock-cloud.ts'

export const DATA_FOLDER = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url))
/** Without the files tests are skipped, except where CI is set. */
export const DATA_MISSING = !existsSync(DATA_FOLDER) && process.env.CI !== 'true'

export interface OpenCloud {
  readonly cloud: MockCloud
  readonly api: Api
}

export async function openCloud(
  atEnd: (stop: () => Promise<void>) => void = onTestFinished,
): Promise<OpenCloud> {
  const cloud = new MockCloud()
  const domain = await cloud.start()
  atEnd(() => cloud.stop())
  return { cloud, api: new Api({ domain, token: 'JWT_USER' }) }
}

export async function openReferenceCloud(atEnd?: (stop: () => Promise<void>) => void): Promise<OpenCloud> {
  const open = await openCloud(atEnd)
  await open.cloud.addData(`${DATA_FOLDER}basic_cloud.json`)
  await open.cloud.addData(`${DATA_FOLDER}test_project_watermeter.json`)
  open.cloud.streamFolder = `${DATA_FOLDER}watermeter`
  return open
}
