/** `/write` and `/api/v2/write`: lines in, 204 out once they are stored. */
import type { FastifyInstance } from 'fastify'
import { sendAnswer } from '../../http/answer.ts'
import type { FrontDoor } from '../../http/front-door.ts'
import type { HeldBytes } from '../../http/held-bytes.ts'
import { credentialsOf } from './credentials.ts'
import type { RequestBodies } from './request-body.ts'
import type { WriteRequests } from './write-requests.ts'

export interface WriteRoute {
  /** Below the scope's prefix. */
  readonly url: string
  readonly writes: WriteRequests
  readonly bodies: RequestBodies
}

export interface HotWriteRoute {
  /** The whole path. */
  readonly path: string
  readonly writes: WriteRequests
  readonly bodyBytesMax: number
  readonly held: HeldBytes
}

/** For what the front door leaves over, such as packed bodies. */
export function writeRoute(http: FastifyInstance, { url, writes, bodies }: WriteRoute): void {
  http.post(url, async (request, reply) => {
    const opened = await writes.open(credentialsOf(request))
    return sendAnswer(reply, await bodies.use(request, (body) => opened.take(body)))
  })
}

export function hotWriteRoute(door: FrontDoor, { writes, ...route }: HotWriteRoute): void {
  door.register({
    ...route,
    methods: ['POST'],
    open: (head) => writes.open(head),
    failed: (error) => writes.failed(error),
  })
}
