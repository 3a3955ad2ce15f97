/**
 * What a shipment went through: the properties of a trip, its climate, and its shocks. A trip is an archive
 * (`b--…`) of the logger that travelled along, or the logger itself (`d--…`) while it is under way.
 * `node examples/scripts/trip-data.ts --user admin --trip b--0001-0000-0000-0001` prints JSON.
 */
import { parseSlug, StreamData } from '@sonde/client'
import { BaseMain } from '@sonde/client/node'

/** Numbers of the variables that loggers of trips use. */
const TRIP_START = '0e00'
const TRIP_END = '0e01'
const SHOCKS = '5020'
const CLIMATE = { pressure: '5021', humidity: '5022', temperature: '5023' }

class TripData extends BaseMain {
  override addExtraArgs() {
    return { trip: { type: 'string' } } as const
  }

  override getDomain() {
    return process.env.SONDE_URL ?? 'http://localhost:8080'
  }

  override async afterLogin() {
    const trip = parseSlug(String(this.args.trip))
    if (trip?.kind !== 'block' && trip?.kind !== 'device') {
      throw new Error('--trip takes the slug of an archive (b--…) or of a device (d--…)')
    }
    const slug = String(this.args.trip)
    const streams = await this.#streamsOf(trip.kind, slug)
    const properties = await Array.fromAsync(this.api.property.items({ target: slug }))
    const climate = await Promise.all(
      Object.entries(CLIMATE).map(async ([name, number]) => [name, await this.#summary(streams.get(number))]),
    )
    const summary = {
      trip: slug,
      properties: Object.fromEntries(properties.map(({ name, value }) => [name, value])),
      start: await this.#timeOf(streams.get(TRIP_START)),
      end: await this.#timeOf(streams.get(TRIP_END)),
      ...Object.fromEntries(climate),
      shocks: await this.#shocks(streams.get(SHOCKS)),
    }
    console.log(JSON.stringify(summary, null, 2))
  }

  /** Slugs of streams by the last part of them, the number of their variable. */
  async #streamsOf(kind: 'block' | 'device', slug: string) {
    const found = await Array.fromAsync(this.api.stream.items({ [kind]: slug }))
    return new Map(found.map((stream) => [stream.slug.slice(-4), stream.slug]))
  }

  /** Of the first point. */
  async #timeOf(stream?: string) {
    if (stream === undefined) return null
    const { results } = await this.api.stream(stream).data.get({ page_size: 1 })
    return results[0]?.timestamp ?? null
  }

  async #summary(stream?: string) {
    if (stream === undefined) return null
    let count = 0
    let sum = 0
    let min = Infinity
    let max = -Infinity
    for await (const page of new StreamData(stream, this.api).pages({ page_size: 5_000 })) {
      for (const { output_value: value } of page.results) {
        if (value === null) continue
        count++
        sum += value
        min = Math.min(min, value)
        max = Math.max(max, value)
      }
    }
    return count === 0 ? null : { count, min, mean: sum / count, max }
  }

  async #shocks(stream?: string) {
    if (stream === undefined) return []
    const events = await Array.fromAsync(this.api.event.items({ filter: stream, page_size: 5_000 }))
    return events.map(({ timestamp, extra_data }) => ({ time: timestamp, ...extra_data }))
  }
}

await new TripData().main()
