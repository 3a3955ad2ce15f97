/** What the timeseries API works with; `app.ts` puts it together. */
import type { Authenticator } from '../../access/authenticator.ts'
import type { Memberships } from '../../access/memberships.ts'
import type { CatalogDb } from '../../catalog/schema.ts'
import type { Config } from '../../config.ts'
import type { FrontDoor } from '../../http/front-door.ts'
import type { IngestService } from '../../ingest/ingest-service.ts'
import type { NameResolver } from '../../ingest/name-resolver.ts'
import type { Clock } from '../../model/clock.ts'
import type { PointLists } from '../../query/point-lists.ts'

export interface TimeseriesServices {
  readonly config: Config
  readonly clock: Clock
  readonly catalog: CatalogDb
  readonly authenticator: Authenticator
  readonly memberships: Memberships
  readonly ingest: IngestService
  readonly resolver: NameResolver
  readonly points: PointLists
  /** Takes new points in beside Fastify. */
  readonly door: FrontDoor
}
