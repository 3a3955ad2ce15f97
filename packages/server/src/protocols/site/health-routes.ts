/** For supervisors and load balancers: is the process alive, and does it take writes? */
import type { FastifyInstance } from 'fastify'

export interface Health {
  /** Why writes are refused; undefined while they are taken. */
  stoppedReason(): Promise<string | undefined>
}

export function healthRoutes(http: FastifyInstance, health: Health): void {
  http.get('/healthz', async () => ({ status: 'ok' }))
  http.get('/readyz', async (_request, reply) => {
    const reason = await health.stoppedReason()
    if (reason === undefined) return { status: 'ready' }
    return reply.code(503).send({ status: 'not ready', reason })
  })
}
