/**
 * Files with the points of streams, documents of events and types of variables. Names come from addresses, so
 * only those that look like slugs and numbers ever reach the disk.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalSlug } from '../slugs/parse-slug.ts'
import type { MockObject } from './mock-state.ts'

const CSV_LINE = /^\s*"?([^",]+)"?\s*,\s*(-?\d+)\s*$/
const VARIABLE_TYPE = /^[a-z0-9]+(-[a-z0-9]+)*$/
const NUMBER = /^\d{1,15}$/

export class StreamFolder {
  /** Undefined is no folder. */
  path: string | undefined

  /** Points of `<slug>.json` or `<slug>.csv`, as the API shows them; undefined where there is neither. */
  async points(slug: string): Promise<MockObject[] | undefined> {
    if (canonicalSlug(slug) !== slug) return undefined
    const json = await this.#read(`${slug}.json`)
    if (json !== undefined) return JSON.parse(json) as MockObject[]
    return (await this.#read(`${slug}.csv`))?.split('\n').flatMap(pointsOfLine)
  }

  /** Slugs of the streams that have a file. */
  async streams(): Promise<string[]> {
    const names = this.path === undefined ? [] : await readdir(this.path)
    return names
      .filter((name) => /\.(json|csv)$/.test(name))
      .map((name) => name.replace(/\.\w+$/, ''))
      .filter((name) => name.startsWith('s--') && canonicalSlug(name) === name)
  }

  /** `event_<id>.json`. */
  async eventData(id: string): Promise<unknown> {
    return NUMBER.test(id) ? parsed(await this.#read(`event_${id}.json`)) : undefined
  }

  /** `variable_types/<slug>.json`. */
  async variableType(slug: string): Promise<unknown> {
    return VARIABLE_TYPE.test(slug)
      ? parsed(await this.#read(join('variable_types', `${slug}.json`)))
      : undefined
  }

  async #read(name: string): Promise<string | undefined> {
    if (this.path === undefined) return undefined
    try {
      return await readFile(join(this.path, name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}

/** `"time", integer`. Without a record nothing is converted. */
function pointsOfLine(line: string): MockObject[] {
  const match = CSV_LINE.exec(line)
  if (match === null) return []
  const value = Number(match[2])
  return [plainPoint(match[1], value)]
}

export function plainPoint(timestamp: string, value: number): MockObject {
  return {
    type: 'Num',
    timestamp,
    int_value: value,
    value,
    display_value: String(value),
    output_value: value,
    streamer_local_id: null,
  }
}
