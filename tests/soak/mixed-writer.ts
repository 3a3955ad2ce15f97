/**
 * One client that does a little of everything, one request after the other: bulk bodies and single values,
 * late points, other values for points that are there, texts, deletes, new streams, and queries of its own
 * devices, whose answers have to be what was acknowledged.
 */
import { strict as assert } from 'node:assert'
import { gzipSync } from 'node:zlib'
import type { Random } from '../seeded.ts'
import type { Reply, RunningServer } from '../server.fixture.ts'
import {
  DeviceLedger,
  FIELDS,
  NOTHING,
  SLOTS,
  type StreamAnswer,
  timeMs,
  valueOfWrite,
  type Write,
} from './device-ledger.ts'

export const PROJECT = 'plant'

const BULK_DEVICES_MAX = 8
const BULK_SLOTS_MAX = 300
/** Older devices are left alone, so that the check of a round does not take longer with every round. */
const RECENT_DEVICES = 10
/** Of the devices in a bulk body. */
const NEW_DEVICE_SHARE = 0.04
const LIST_POINTS_MAX = 60
const DELETED_SLOTS_MAX = 200

/** What is counted over all writers; `code` numbers the writes. */
export interface LoadCounts {
  code: number
  requests: number
  acknowledged: number
  /** Writes of requests that had no answer when the server ended. */
  unanswered: number
  deleted: number
  queries: number
}

interface WriterContext {
  readonly random: Random
  readonly counts: LoadCounts
  /** Sentences about answers that were wrong. */
  readonly problems: string[]
}

export class MixedWriter {
  readonly #name: string
  readonly #context: WriterContext
  #server!: RunningServer
  #devices: DeviceLedger[] = []
  /** Devices that were written to since the last `takeTouched`. */
  #touched = new Set<DeviceLedger>()

  constructor(name: string, context: WriterContext) {
    this.#name = name
    this.#context = context
  }

  get devices(): readonly DeviceLedger[] {
    return this.#devices
  }

  takeTouched(): DeviceLedger[] {
    const touched = [...this.#touched]
    this.#touched.clear()
    return touched
  }

  /** Writes until the server is gone. */
  async run(server: RunningServer, { mayDelete }: { mayDelete: boolean }): Promise<void> {
    this.#server = server
    for (let isThere = true; isThere; ) isThere = await this.#step(mayDelete)
  }

  /** Does one thing; false when the server is gone. */
  #step(mayDelete: boolean): Promise<boolean> {
    const { random } = this.#context
    const choice = random.next()
    if (this.#devices.length === 0 || choice < 0.3) return this.#writeBulk()
    const device = random.pick(this.#devices.slice(-RECENT_DEVICES))
    if (choice < 0.5) return this.#sendLines([this.#write(device)])
    if (choice < 0.65) return this.#writePoint(device)
    if (choice < 0.8) return this.#writePointList(device)
    if (choice < 0.9 || !mayDelete) return this.#query(device)
    return this.#delete(device)
  }

  /** A body of many lines; a third of them goes to devices that there are, in places that they have. */
  #writeBulk(): Promise<boolean> {
    const { random } = this.#context
    const slotCount = 1 + random.below(BULK_SLOTS_MAX)
    const writes: Write[] = []
    for (let left = 1 + random.below(BULK_DEVICES_MAX); left > 0; left--) {
      const device = this.#bulkDevice()
      const start = random.next() < 0.3 ? random.below(device.nextSlot + 1) : device.nextSlot
      const end = Math.min(start + slotCount, SLOTS)
      for (let slot = start; slot < end; slot++) {
        for (const field of FIELDS.keys()) writes.push(this.#write(device, field, slot))
      }
    }
    if (writes.length === 0) return Promise.resolve(true)
    // The same points again in the same body: of these the last ones hold.
    for (const { device, field, slot } of writes.slice(0, random.below(20))) {
      writes.push(this.#write(device, field, slot))
    }
    return this.#sendLines(writes)
  }

  #bulkDevice(): DeviceLedger {
    const { random } = this.#context
    if (this.#devices.length === 0 || random.next() < NEW_DEVICE_SHARE) {
      const device = new DeviceLedger(`${this.#name}-${this.#devices.length}`)
      this.#devices.push(device)
      return device
    }
    return random.pick(this.#devices.slice(-RECENT_DEVICES))
  }

  #writePoint(device: DeviceLedger): Promise<boolean> {
    const field = device.slugs.findIndex((slug) => slug !== undefined)
    if (field < 0) return this.#query(device)
    const write = this.#write(device, field)
    return this.#send([write], 201, () => this.#post(pointOf(write)))
  }

  #writePointList(device: DeviceLedger): Promise<boolean> {
    const { random } = this.#context
    const fields = [...FIELDS.keys()].filter((field) => device.slugs[field] !== undefined)
    if (fields.length === 0) return this.#query(device)
    const writes = Array.from({ length: 1 + random.below(LIST_POINTS_MAX) }, () => {
      return this.#write(device, random.pick(fields))
    })
    return this.#send(writes, 201, () => this.#post(writes.map(pointOf)))
  }

  async #delete(device: DeviceLedger): Promise<boolean> {
    const { random, counts, problems } = this.#context
    const field = random.below(FIELDS.length)
    const slug = device.slugs[field]
    if (slug === undefined) return this.#query(device)
    const from = random.below(device.nextSlot + 1)
    const to = Math.min(from + 1 + random.below(DELETED_SLOTS_MAX), SLOTS)
    const count = device.countOf(field, { from, to })
    const writes = Array.from({ length: to - from }, (_, i) => {
      return { device, field, slot: from + i, code: NOTHING }
    })
    const range = `start=${isoTime(from)}&end=${isoTime(to)}`
    const path = `stream/${slug}/data/?${range}`
    const reply = await this.#sendWrites(writes, 200, () => this.#server.request(path, { method: 'DELETE' }))
    const answer = await unlessGone(reply?.json())
    if (answer === undefined) return false
    counts.deleted += count
    if (answer.count !== count) {
      problems.push(`${slug} ${range}: ${answer.count} deleted, ${count} were there`)
    }
    return true
  }

  async #query(device: DeviceLedger): Promise<boolean> {
    const answers = await unlessGone(queryDevice(this.#server, device))
    if (answers === undefined) return false
    this.#context.counts.queries++
    this.#context.problems.push(...device.check(answers))
    return true
  }

  /** A write with the next number; without a slot it is one of a point to come or of any point up to there. */
  #write(device: DeviceLedger, field?: number, slot?: number): Write {
    const { random, counts } = this.#context
    const isNext = random.next() < 0.5 && device.nextSlot < SLOTS
    const place = slot ?? (isNext ? device.nextSlot : random.below(Math.max(1, device.nextSlot)))
    device.nextSlot = Math.max(device.nextSlot, place + 1)
    return { device, field: field ?? random.below(FIELDS.length), slot: place, code: ++counts.code }
  }

  #post(body: object): Promise<Reply> {
    return this.#server.request('data/', { method: 'POST', body: JSON.stringify(body) })
  }

  #sendLines(writes: readonly Write[]): Promise<boolean> {
    const text = writes.map(lineOf).join('\n')
    const isPacked = this.#context.random.next() < 0.2
    const body = isPacked ? gzipSync(text) : text
    const headers: Record<string, string> = isPacked ? { 'content-encoding': 'gzip' } : {}
    // The door for InfluxDB's clients lies beside the API that the fixture asks.
    const path = `../v2/write?bucket=${PROJECT}&precision=ms`
    return this.#send(writes, 204, () => this.#server.request(path, { method: 'POST', body, headers }))
  }

  async #send(writes: readonly Write[], status: number, request: () => Promise<Reply>): Promise<boolean> {
    return (await this.#sendWrites(writes, status, request)) !== undefined
  }

  /** Undefined when the server is gone. */
  async #sendWrites(
    writes: readonly Write[],
    status: number,
    request: () => Promise<Reply>,
  ): Promise<Reply | undefined> {
    const { counts } = this.#context
    for (const write of writes) {
      write.device.announce(write)
      this.#touched.add(write.device)
    }
    counts.requests++
    const reply = await unlessGone(request())
    if (reply === undefined) {
      counts.unanswered += writes.length
      return undefined
    }
    if (reply.status !== status) assert.fail(`${reply.url} answered ${reply.status}: ${await reply.text()}`)
    counts.acknowledged += writes.length
    for (const write of writes) write.device.acknowledge(write)
    return reply
  }
}

/** What comes of a request; undefined when its connection ended before the answer did. */
async function unlessGone<T>(request: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message)) return undefined
    throw error
  }
}

/** All points of a device. */
export async function queryDevice(server: RunningServer, device: DeviceLedger): Promise<StreamAnswer[]> {
  const reply = await server.request(`query/?project=${PROJECT}&device=${device.name}`)
  assert.equal(reply.status, 200)
  return (await reply.json()).results
}

function lineOf({ device, field, slot, code }: Write): string {
  return `tank,device=${device.name} ${FIELDS[field]}=${JSON.stringify(valueOfWrite(code))} ${timeMs(slot)}`
}

function pointOf({ device, field, slot, code }: Write) {
  return { stream: device.slugs[field], timestamp: isoTime(slot), value: valueOfWrite(code) }
}

function isoTime(slot: number): string {
  return new Date(timeMs(slot)).toISOString()
}
