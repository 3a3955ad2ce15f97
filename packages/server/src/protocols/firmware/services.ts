/** What the doors for boards work with; `app.ts` puts it together. */
import type { Authenticator } from '../../access/authenticator.ts'
import type { Memberships } from '../../access/memberships.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import type { DeviceUpdates } from '../../rollout/device-updates.ts'

export interface FirmwareServices {
  readonly authenticator: Authenticator
  readonly memberships: Memberships
  readonly catalog: CatalogDb
  readonly blobs: BlobStore
  readonly updates: DeviceUpdates
}
