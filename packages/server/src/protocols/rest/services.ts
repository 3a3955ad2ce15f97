/** What the routes of the native REST API work with; `app.ts` puts it together. */
import type { Authenticator } from '../../access/authenticator.ts'
import type { Memberships } from '../../access/memberships.ts'
import type { PasswordResets } from '../../access/password-resets.ts'
import type { Passwords } from '../../access/passwords.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import type { Config } from '../../config.ts'
import type { Commands } from '../../control/commands.ts'
import type { Shadows } from '../../control/shadows.ts'
import type { PublicUrl } from '../../http/public-url.ts'
import type { IngestService } from '../../ingest/ingest-service.ts'
import type { NameResolver } from '../../ingest/name-resolver.ts'
import type { ReportIntake } from '../../ingest/reports/report-intake.ts'
import type { Clock } from '../../model/clock.ts'
import type { DataLists } from '../../query/data-lists.ts'
import type { PointLists } from '../../query/point-lists.ts'
import type { QueryService } from '../../query/query-service.ts'
import type { StreamSelector } from '../../query/stream-selector.ts'
import type { Rollouts } from '../../rollout/rollouts.ts'
import type { WriteBackup } from './routes/backup.ts'
import type { ImportElectricity } from './routes/import-electricity.ts'

export interface RestServices {
  readonly config: Config
  readonly clock: Clock
  readonly catalog: CatalogDb
  readonly authenticator: Authenticator
  readonly memberships: Memberships
  readonly passwords: Passwords
  readonly passwordResets: PasswordResets
  readonly ingest: IngestService
  readonly resolver: NameResolver
  readonly selector: StreamSelector
  readonly query: QueryService
  readonly points: PointLists
  readonly data: DataLists
  readonly reports: ReportIntake
  readonly blobs: BlobStore
  readonly publicUrl: PublicUrl
  /** Another protocol's import, for which this one is the door. */
  readonly importElectricity: ImportElectricity
  readonly backup: WriteBackup
  readonly shadows: Shadows
  readonly commands: Commands
  readonly rollouts: Rollouts
}
