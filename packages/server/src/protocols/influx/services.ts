/** What the routes of the line protocol door work with; `app.ts` puts it together. */
import type { Authenticator } from '../../access/authenticator.ts'
import type { Memberships } from '../../access/memberships.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import type { Config } from '../../config.ts'
import type { FrontDoor } from '../../http/front-door.ts'
import type { IngestService } from '../../ingest/ingest-service.ts'
import type { Clock } from '../../model/clock.ts'

export interface InfluxServices {
  readonly config: Config
  readonly clock: Clock
  readonly catalog: CatalogDb
  readonly authenticator: Authenticator
  readonly memberships: Memberships
  readonly ingest: IngestService
  /** Takes writes in beside Fastify. */
  readonly door: FrontDoor
  /** Why writes are refused; undefined while they are taken. */
  stoppedReason(): Promise<string | undefined>
}
