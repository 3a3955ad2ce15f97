/**
 * One connection at the front door: reads plain requests for hot routes, has them answered, and writes the
 * answers in their order. At the first request that is anything else it hands the connection over, with
 * every byte that it has not answered.
 *
 * Requests that come before earlier ones are answered are taken up to a bound, and none while the client leaves
 * answers unread; then nothing more is read from the socket.
 */
import type { Socket } from 'node:net'
import { type Answer, type AnswerWriter, isWhole } from './answer.ts'
import { ArrivingBody } from './arriving-body.ts'
import type { BodyBuffers } from './body-buffers.ts'
import type { HotRoute, OpenRequest } from './hot-route.ts'
import { parseLenientQuery } from './lenient-query.ts'
import { type PlainHead, type PlainMethod, readPlainHead } from './plain-head.ts'
import { STALLED_MS_MAX } from './read-all.ts'
import { RecentHeaders } from './recent-headers.ts'
import { RepeatedHead } from './repeated-head.ts'

/** What a connection needs of its door. */
export interface DoorOfConnection {
  readonly answers: AnswerWriter
  readonly buffers: BodyBuffers
  readonly isClosing: boolean
  routeOf(path: string): HotRoute | undefined
  answered(answered: AnsweredRequest): void
  /** The connection is left by the door: to the complete parser, which reads on, or because it is closed. */
  handOver(connection: FrontConnection, socket: Socket): void
  forget(connection: FrontConnection): void
}

export interface AnsweredRequest {
  readonly method: PlainMethod
  readonly route: string
  readonly status: number
  readonly elapsedMs: number
}

export interface IdleLimits {
  /** For the first request of a connection. */
  readonly firstMsMax: number
  /** For a body, or for a client to read its answers. */
  readonly requestMsMax: number
  /** Between two requests. */
  readonly keepAliveMs: number
}

/** What a head was read as; the same head again means the same. */
interface KnownHead {
  /** As it came first; the length of the body is another one when it is repeated. */
  readonly plain: PlainHead
  /** For a head with a body at once, for others when they come for the second time. */
  repeated: RepeatedHead | undefined
  readonly route: HotRoute
  /** Gives the request that `open` made of it, or makes another one. */
  readonly open: () => OpenRequest | Promise<OpenRequest>
  opened: OpenRequest | undefined
}

interface Turn {
  readonly head: KnownHead
  readonly startedMs: number
  answer: Answer | undefined
}

interface BodyUnderWay {
  readonly arriving: ArrivingBody
  readonly opened: OpenRequest
  readonly turn: Turn
}

/** Requests of one connection that are under way. */
const TURNS_MAX = 16
const TIMEOUT_ANSWER = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'

export class FrontConnection {
  readonly #door: DoorOfConnection
  readonly #socket: Socket
  readonly #address: string
  readonly #onData = (chunk: Buffer) => this.#read(chunk)
  readonly #onDrain = () => this.#goOn()
  readonly #onEnd = () => this.#end()
  readonly #onClose = () => this.#leave()
  #known: KnownHead | undefined
  readonly #headers = new RecentHeaders()
  /** In the order of their requests. */
  #turns: Turn[] = []
  #body: BodyUnderWay | undefined
  /** Of the body of a request that was refused. */
  #skipBytes = 0
  #isOpening = false
  /** An answer is going out block by block. */
  #isSending = false
  #sentBytes = 0
  /** Read but not looked at; the socket is paused as long as there are any. */
  #rest: Buffer | undefined
  #isDeclined = false
  /** The client has asked to close the connection behind the request that is under way. */
  #isLast = false
  #hasEnded = false
  #isGone = false
  #hasAnswered = false
  #sinceMs = performance.now()
  /** When the last bytes of a body came. */
  #heardMs = 0

  constructor(door: DoorOfConnection, socket: Socket) {
    this.#door = door
    this.#socket = socket
    this.#address = socket.remoteAddress ?? ''
    socket.on('data', this.#onData).on('drain', this.#onDrain).on('end', this.#onEnd)
    socket.on('error', ignore).on('close', this.#onClose)
  }

  /** For a door that is closing: closes the connection now, or once the requests under way are answered. */
  close(): void {
    if (this.#isIdle) this.#socket.destroySoon()
  }

  /** Ends what has taken too long. */
  checkTime(nowMs: number, { firstMsMax, requestMsMax, keepAliveMs }: IdleLimits): void {
    if (this.#isSending && this.#socket.bytesWritten !== this.#sentBytes) {
      this.#sentBytes = this.#socket.bytesWritten
      this.#sinceMs = nowMs
    }
    const waitedMs = nowMs - this.#sinceMs
    const hasUnreadAnswers = this.#socket.writableLength > 0
    if (this.#isIdle && !hasUnreadAnswers) {
      if (waitedMs <= (this.#hasAnswered ? keepAliveMs : firstMsMax)) return
      if (!this.#hasAnswered) this.#socket.write(TIMEOUT_ANSWER)
      this.#socket.destroySoon()
    } else if (
      (waitedMs > requestMsMax || this.#isStalled(nowMs)) &&
      (this.#isSending || this.#turns.every((turn) => turn === this.#body?.turn))
    ) {
      if (!hasUnreadAnswers && this.#body !== undefined && !this.#isSending) {
        this.#socket.write(TIMEOUT_ANSWER)
      }
      this.#socket.destroy()
    }
  }

  #isStalled(nowMs: number): boolean {
    return this.#body !== undefined && nowMs - this.#heardMs > STALLED_MS_MAX
  }

  get #isIdle(): boolean {
    return this.#turns.length === 0 && this.#skipBytes === 0 && this.#rest === undefined
  }

  get #mustWait(): boolean {
    return this.#isOpening || this.#turns.length >= TURNS_MAX || this.#socket.writableNeedDrain
  }

  #read(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && !this.#isLast) {
      if (this.#skipBytes > 0) {
        const count = Math.min(this.#skipBytes, bytes.length - at)
        this.#skipBytes -= count
        at += count
      } else if (this.#body !== undefined) {
        at = this.#readBody(this.#body, bytes, at)
      } else if (this.#mustWait) {
        this.#keep(bytes.subarray(at))
        return
      } else {
        const next = this.#begin(bytes, at)
        if (next < 0) {
          this.#decline(bytes.subarray(at))
          return
        }
        at = next
      }
    }
  }

  /** Begins the request at `at`; where its body goes on, or -1 when it is none for this door. */
  #begin(bytes: Buffer, at: number): number {
    let head = this.#known
    let end = head?.repeated?.recognise(bytes, at) ?? -1
    let length = head?.repeated?.contentLength ?? 0
    if (end < 0) {
      const plain = readPlainHead(bytes, at, this.#headers)
      head = plain && this.#headOf(plain, bytes, at)
      end = plain?.end ?? -1
      length = plain?.contentLength ?? 0
    }
    if (head === undefined || this.#door.isClosing || length > head.route.bodyBytesMax) return -1
    this.#known = head
    this.#sinceMs = performance.now()
    const turn: Turn = { head, startedMs: this.#sinceMs, answer: undefined }
    this.#turns.push(turn)
    const opened = head.opened?.isCurrent() ? head.opened : this.#open(turn, length)
    return opened === undefined ? end : this.#beginBody(turn, opened, length, bytes, end)
  }

  /** `plain` was read from `bytes`, where it begins at `at`. */
  #headOf(plain: PlainHead, bytes: Buffer, at: number): KnownHead | undefined {
    const known = this.#known
    if (known !== undefined && isSameHead(known.plain, plain)) {
      known.repeated = new RepeatedHead(plain, bytes, at)
      return known
    }
    const route = this.#door.routeOf(plain.path)
    if (!route?.methods.includes(plain.method)) return undefined
    const { authorization, headers, queryText, contentLength } = plain
    const hot = { query: parseLenientQuery(queryText), authorization, headers, address: this.#address }
    // Where values stand in the address no head comes twice.
    const repeated = contentLength > 0 ? new RepeatedHead(plain, bytes, at) : undefined
    return { plain, repeated, route, open: () => route.open(hot), opened: undefined }
  }

  /** Undefined when it takes a while, or fails. What follows waits until it is known what becomes of this request. */
  #open(turn: Turn, length: number): OpenRequest | undefined {
    try {
      const opening = turn.head.open()
      if (!(opening instanceof Promise)) {
        turn.head.opened = opening
        return opening
      }
      this.#openLater(opening, turn, length)
    } catch (error) {
      this.#refuse(turn, error, length)
    }
    return undefined
  }

  #openLater(opening: Promise<OpenRequest>, turn: Turn, length: number): void {
    this.#isOpening = true
    opening.then(
      (opened) => {
        this.#isOpening = false
        turn.head.opened = opened
        if (this.#isGone) return
        this.#beginBody(turn, opened, length, NOTHING, 0)
        this.#goOn()
      },
      (error) => {
        this.#isOpening = false
        this.#refuse(turn, error, length)
      },
    )
  }

  /** A body that is there as a whole is not copied. */
  #beginBody(turn: Turn, opened: OpenRequest, length: number, bytes: Buffer, at: number): number {
    const { held } = turn.head.route
    if (bytes.length - at < length) {
      const { buffers } = this.#door
      this.#heardMs = this.#sinceMs
      this.#body = { arriving: new ArrivingBody(length, { held, buffers }), opened, turn }
      return at
    }
    const end = at + length
    try {
      held.take(length, length)
      this.#take(turn, opened, bytes.subarray(at, end), () => held.give(length))
    } catch (error) {
      this.#refuse(turn, error, 0)
    }
    return end
  }

  #readBody({ arriving, opened, turn }: BodyUnderWay, bytes: Buffer, at: number): number {
    this.#heardMs = performance.now()
    try {
      const end = arriving.take(bytes, at)
      if (arriving.missingBytes === 0) {
        this.#body = undefined
        this.#take(turn, opened, arriving.bytes, () => arriving.release())
      }
      return end
    } catch (error) {
      this.#body = undefined
      arriving.release()
      this.#refuse(turn, error, arriving.missingBytes)
      return at
    }
  }

  #take(turn: Turn, opened: OpenRequest, body: Buffer, release: () => void): void {
    if (!turn.head.plain.keepsAlive) this.#isLast = true
    opened.take(body).then(
      (answer) => {
        release()
        this.#settle(turn, answer)
      },
      (error) => {
        release()
        this.#settle(turn, turn.head.route.failed(error))
      },
    )
  }

  /** Answers at once; the rest of the body is read and forgotten. */
  #refuse(turn: Turn, error: unknown, missingBytes: number): void {
    if (turn.head.plain.keepsAlive) this.#skipBytes = missingBytes
    else this.#isLast = true
    this.#settle(turn, turn.head.route.failed(error))
  }

  #settle(turn: Turn, answer: Answer): void {
    turn.answer = answer
    this.#sendAnswers()
    this.#goOn()
  }

  #sendAnswers(): void {
    for (let turn = this.#turns[0]; turn?.answer !== undefined; turn = this.#turns[0]) {
      if (this.#isGone || this.#isSending) return
      const { answer } = turn
      const { answers, isClosing } = this.#door
      const isLast = (this.#isLast || this.#hasEnded || isClosing) && this.#turns.length === 1
      const options = { keepsAlive: !isLast }
      const { body } = answer
      if (isWhole(body)) {
        answers.send(this.#socket, answer, body, options)
        this.#answered(turn)
        continue
      }
      this.#isSending = true
      answers.sendBlocks(this.#socket, answer, body, options).then(
        () => {
          this.#isSending = false
          this.#answered(turn)
          this.#sendAnswers()
          this.#goOn()
        },
        (error) => {
          // Half an answer cannot be taken back.
          if (!this.#isGone) turn.head.route.failed(error)
          this.#socket.destroy()
        },
      )
    }
  }

  #answered(turn: Turn): void {
    this.#turns.shift()
    this.#sinceMs = performance.now()
    this.#hasAnswered = true
    const { plain, route } = turn.head
    const { method } = plain
    const elapsedMs = this.#sinceMs - turn.startedMs
    this.#door.answered({ method, route: route.path, status: turn.answer!.status, elapsedMs })
  }

  /** After something that others may have waited for. */
  #goOn(): void {
    if (this.#isGone) return
    if (this.#isDeclined) {
      if (this.#turns.length === 0) this.#handOver()
      return
    }
    if (this.#rest !== undefined && !this.#mustWait) {
      const rest = this.#rest
      this.#rest = undefined
      this.#read(rest)
      if (this.#isGone) return
      if (this.#rest === undefined) this.#socket.resume()
    }
    if (this.#hasEnded && this.#rest === undefined && !this.#isOpening) this.#dropBody()
    const nothingFollows = this.#isLast || (this.#isIdle && (this.#hasEnded || this.#door.isClosing))
    if (nothingFollows && this.#turns.length === 0) this.#socket.destroySoon()
  }

  #keep(rest: Buffer): void {
    this.#rest = rest
    this.#socket.pause()
  }

  #decline(rest: Buffer): void {
    this.#isDeclined = true
    this.#keep(rest)
    if (this.#turns.length === 0) this.#handOver()
  }

  #handOver(): void {
    // There is no way to put bytes back behind the end of a stream.
    if (this.#hasEnded) {
      this.#socket.destroySoon()
      return
    }
    const rest = this.#rest
    this.#isGone = true
    const socket = this.#socket
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd)
    socket.off('error', ignore).off('close', this.#onClose)
    if (rest !== undefined) socket.unshift(rest)
    this.#door.handOver(this, socket)
  }

  /** The client sends nothing more, and gets the answers to what it has sent. */
  #end(): void {
    this.#hasEnded = true
    this.#goOn()
  }

  #leave(): void {
    this.#isGone = true
    this.#rest = undefined
    this.#dropBody()
    this.#door.forget(this)
  }

  /** Forgets a request whose body will not be whole. */
  #dropBody(): void {
    const body = this.#body
    if (body === undefined) return
    this.#body = undefined
    body.arriving.release()
    this.#turns = this.#turns.filter((turn) => turn !== body.turn)
  }
}

const NOTHING = Buffer.alloc(0)

/** Their headers are the same object when they were recognised as the same bytes. */
function isSameHead(a: PlainHead, b: PlainHead): boolean {
  return a.headers === b.headers && a.queryText === b.queryText && a.path === b.path && a.method === b.method
}

/** Why a connection breaks does not matter; it is closed next. */
function ignore(): void {}
