/** What this protocol works with; `app.ts` puts it together. */
import type { RateBudget } from '../../access/rate-budget.ts'
import type { RateLimiter } from '../../access/rate-limit.ts'
import type { CountedCatalog } from '../../catalog/change-counter.ts'
import type { Config } from '../../config.ts'
import type { Shadows } from '../../control/shadows.ts'
import type { FrontDoor } from '../../http/front-door.ts'
import type { IngestService } from '../../ingest/ingest-service.ts'
import type { Clock } from '../../model/clock.ts'
import type { QueryService } from '../../query/query-service.ts'

export interface PipelineServices {
  readonly config: Config
  readonly clock: Clock
  readonly catalog: CountedCatalog
  readonly ingest: IngestService
  readonly query: QueryService
  /** Values that others wish the pins to have. */
  readonly shadows: Shadows
  /** Counts wrong keys and guessed numbers. */
  readonly limiter: RateLimiter
  /** For new pipelines. */
  readonly creations: RateBudget
  /** Takes requests in beside Fastify. */
  readonly door: FrontDoor
}
