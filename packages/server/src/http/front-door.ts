/**
 * Stands in front of `node:http` on the same port and answers the few requests that come in thousands a second.
 * Each connection is looked at here first; at the first request that is no plain one for a hot route it goes to
 * `node:http`, which sees every byte of that request, and stays there.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { AnswerWriter } from './answer.ts'
import { BodyBuffers } from './body-buffers.ts'
import {
  type AnsweredRequest,
  type DoorOfConnection,
  FrontConnection,
  type IdleLimits,
} from './front-connection.ts'
import type { HotRoute } from './hot-route.ts'

/** How often connections are looked through for those that wait too long. */
const CHECK_EVERY_MS = 5_000

type TakeConnection = (this: Server, socket: Socket) => void

export class FrontDoor {
  readonly #routes = new Map<string, HotRoute>()
  readonly #buffers = new BodyBuffers()
  readonly #closers = new Set<() => void>()
  #onAnswered: (answered: AnsweredRequest) => void = () => {}

  /** To be called before the first connection. */
  register(route: HotRoute): void {
    this.#routes.set(route.path, route)
  }

  /** Hears of every request that was answered here, for metrics. */
  onAnswered(listener: (answered: AnsweredRequest) => void): void {
    this.#onAnswered = listener
  }

  /** Takes the connections of a server from now on. */
  standBefore(server: Server, limits: IdleLimits): void {
    const listeners = server.listeners('connection') as TakeConnection[]
    server.removeAllListeners('connection')
    const connections = new Set<FrontConnection>()
    let isClosing = false
    const door: DoorOfConnection = {
      answers: new AnswerWriter(limits),
      buffers: this.#buffers,
      get isClosing() {
        return isClosing
      },
      routeOf: (path) => this.#routes.get(path),
      answered: (answered) => this.#onAnswered(answered),
      handOver(connection, socket) {
        connections.delete(connection)
        for (const listener of listeners) listener.call(server, socket)
        // Paused before the bytes were put back; they go first, in the next turn.
        socket.resume()
      },
      forget: (connection) => void connections.delete(connection),
    }
    server.on('connection', (socket: Socket) => void connections.add(new FrontConnection(door, socket)))
    const timer = setInterval(() => {
      const nowMs = performance.now()
      for (const connection of connections) connection.checkTime(nowMs, limits)
    }, CHECK_EVERY_MS).unref()
    this.#closers.add(() => {
      isClosing = true
      clearInterval(timer)
      for (const connection of connections) connection.close()
    })
  }

  /** Lets requests under way be answered, and closes each connection then; what else comes goes to `node:http`. */
  close(): void {
    for (const close of this.#closers) close()
  }
}
