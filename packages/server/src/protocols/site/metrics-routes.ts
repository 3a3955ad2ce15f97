/** `/metrics` in the Prometheus text format. Numbers that services keep anyway are read when asked for. */
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { FrontDoor } from '../../http/front-door.ts'

/** What is shown beside the numbers of the process and of HTTP. */
export interface MetricsSource {
  ingestTotals(): { accepted: number; rejected: number }
  store(): Promise<{ pointCount: number; streamCount: number; diskBytes: number; acceptsWrites: boolean }>
  /** Tells of requests that it answers past Fastify. */
  readonly door: FrontDoor
}

const DURATION_BUCKETS_S = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60]

export function metricsRoutes(http: FastifyInstance, source: MetricsSource): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  measureRequests(http, registry, source)
  ingestCounters(registry, source)
  storeGauges(registry, source)
  http.get('/metrics', async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

/** By route, not by address, so that the number of series stays small. */
function measureRequests(http: FastifyInstance, registry: Registry, { door }: MetricsSource): void {
  const durations = new Histogram({
    name: 'sonde_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  })
  // Looking for the series of some labels takes longer than counting, and they are mostly those of before.
  let last:
    | { method: string; route: string; status: number; series: { observe(value: number): void } }
    | undefined
  door.onAnswered(({ method, route, status, elapsedMs }) => {
    if (last?.route !== route || last.status !== status || last.method !== method) {
      const series = durations.labels({ method, route, status: String(status) })
      last = { method, route, status, series }
    }
    last.series.observe(elapsedMs / 1_000)
  })
  http.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    const labels = { method: request.method, route, status: String(reply.statusCode) }
    durations.observe(labels, reply.elapsedTime / 1_000)
  })
}

function ingestCounters(registry: Registry, source: MetricsSource): void {
  new Counter({
    name: 'sonde_points_total',
    help: 'Points stored and points refused since the start',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      const { accepted, rejected } = source.ingestTotals()
      this.reset()
      this.inc({ result: 'accepted' }, accepted)
      this.inc({ result: 'rejected' }, rejected)
    },
  })
}

function storeGauges(registry: Registry, source: MetricsSource): void {
  const gauge = (
    name: string,
    help: string,
    read: (stats: Awaited<ReturnType<MetricsSource['store']>>) => number,
  ) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(read(await source.store()))
      },
    })
  gauge('sonde_store_points', 'Points held', (stats) => stats.pointCount)
  gauge('sonde_store_streams', 'Streams that have points', (stats) => stats.streamCount)
  gauge('sonde_store_disk_bytes', 'Bytes of the points store on disk', (stats) => stats.diskBytes)
  gauge('sonde_store_accepts_writes', '1 while writes are taken', (stats) => Number(stats.acceptsWrites))
}
