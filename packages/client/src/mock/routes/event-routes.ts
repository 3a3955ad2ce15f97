/** Events and their documents. */
import { gunzipSync } from 'node:zlib'
import { canonicalSlug } from '../../slugs/parse-slug.ts'
import { isWithin } from '../find-object.ts'
import { type Answer, type Ask, fileOf, jsonOf, pageOf, Refusal, requireFields } from '../mock-http.ts'
import { type MockObject, nextId } from '../mock-state.ts'
import { inRange, ownersOf } from '../stream-points.ts'
import type { Routes } from './route.ts'

const DATA_BYTES_MAX = 16 * 1024 * 1024

function eventOf({ state, names }: Ask): MockObject {
  if (!/^\d+$/.test(names.id)) {
    throw new Refusal(400, { detail: 'Bad Request: Expected an integer database ID' })
  }
  const event = state.events.get(names.id)
  if (event === undefined) throw new Refusal(404, { detail: 'Not found.' })
  return view(event)
}

/** As the API shows it: files name the stream only. */
function view(event: MockObject): MockObject {
  return {
    device_timestamp: null,
    streamer_local_id: null,
    dirty_ts: false,
    status: 'unk',
    ext: 'json',
    has_raw_data: false,
    ...event,
    ...ownersOf(String(event.stream)),
  }
}

function add(ask: Ask, fields: MockObject, data: unknown): MockObject {
  requireFields(fields, ['stream', 'timestamp'])
  const stream = canonicalSlug(String(fields.stream))
  if (!stream?.startsWith('s--')) throw new Refusal(400, { stream: ['This is no stream slug.'] })
  const id = nextId(ask.state.events)
  const event = { extra_data: {}, ...fields, id, stream, has_raw_data: data !== undefined }
  ask.state.events.set(String(id), event)
  if (data !== undefined) ask.state.eventData.set(String(id), data)
  return view(event)
}

async function upload(ask: Ask): Promise<Answer> {
  const { file, form } = await fileOf(ask)
  if (!file.name.includes('.')) throw new Refusal(400, ['Filename must use file extensions'])
  if (!/\.json(\.gz)?$/.test(file.name)) throw new Refusal(400, ['Unsupported extension for Stream Event'])
  const bytes = Buffer.from(await file.arrayBuffer())
  const text = (
    file.name.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: DATA_BYTES_MAX }) : bytes
  ).toString()
  const encoded = form.get('encoded_extra_data') ?? '{}'
  const extra = documentOf(String(encoded))
  if (typeof extra !== 'object' || extra === null || Array.isArray(extra)) {
    throw new Refusal(400, { encoded_extra_data: ['Expected the JSON text of an object.'] })
  }
  const fields: MockObject = { extra_data: extra }
  for (const name of ['stream', 'timestamp']) if (form.has(name)) fields[name] = form.get(name)
  const { id, stream, timestamp } = add(ask, fields, documentOf(text))
  return { status: 201, body: { id, stream, timestamp, encoded_extra_data: encoded } }
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Refusal(400, [`This is no JSON: ${(error as Error).message}`])
  }
}

export const EVENT_ROUTES: Routes = {
  event: {
    GET(ask) {
      const filter = ask.query.get('filter')
      const events = Array.from(ask.state.events.values()).filter(({ stream, extra_data: extra }) => {
        return filter !== null && isWithin(String(stream), filter) && !('error' in Object(extra))
      })
      return pageOf(ask, inRange(events, ask.query, true).map(view), { usual: 1_000, max: 20_000 })
    },
    POST(ask) {
      const body = jsonOf(ask)
      const added = [body].flat().map((one) => {
        const { data, ...fields } = Object(one) as MockObject
        return add(ask, fields, data)
      })
      return { status: 201, body: Array.isArray(body) ? { count: added.length } : added[0] }
    },
  },
  'event/upload': { POST: upload },
  'event/:id': { GET: (ask) => ({ status: 200, body: eventOf(ask) }) },
  'event/:id/data': {
    async GET(ask) {
      const { id } = eventOf(ask)
      const data = ask.state.eventData.get(String(id)) ?? (await ask.folder.eventData(String(id)))
      if (data === undefined) throw new Refusal(404, { error: 'Event has no data' })
      return { status: 200, body: data }
    },
  },
}
