/** What the routes of the package manager work with; `app.ts` puts it together. */
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { PublishPolicy } from '../../catalog/publish-tag.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import type { PackagesConfig } from '../../config.ts'
import type { Clock } from '../../model/clock.ts'
import type { PackageLogins } from './logins.ts'

export interface PackagesServices {
  readonly config: PackagesConfig
  readonly catalog: CatalogDb
  readonly clock: Clock
  readonly blobs: BlobStore
  readonly logins: PackageLogins
  /** Whether a first part of a path below `/api/v1/` belongs to somebody else. */
  readonly isTaken: (name: string) => boolean
}

export function policyOf(config: PackagesConfig): PublishPolicy {
  const { quotaTags, quotaBytes } = config
  return {
    isOwnerOnly: config.publishing === 'owner',
    tagsKept: config.tagsKept ?? Number.POSITIVE_INFINITY,
    quota: { packages: quotaTags, tags: quotaTags, files: quotaTags, bytes: quotaBytes },
  }
}
