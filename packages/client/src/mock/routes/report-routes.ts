/** Streamers, the reports they send, and reports that programs make. */
import { randomUUID } from 'node:crypto'
import { formatDeviceSlug } from '../../slugs/device-slug.ts'
import { formatStreamerSlug } from '../../slugs/streamer-slug.ts'
import { pointTimeUs } from '../../write/point-time.ts'
import { find } from '../find-object.ts'
import {
  type Answer,
  type Ask,
  fileOf,
  notFound,
  objectOf,
  pageOf,
  Refusal,
  requireFields,
} from '../mock-http.ts'
import { FIXED_TIME, type MockObject } from '../mock-state.ts'
import { addStreamer } from '../quick-add.ts'
import { readReport } from '../read-report.ts'
import { objectRoutes } from './object-routes.ts'
import type { Routes } from './route.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const CONTENT_TYPES: ReadonlySet<string> = new Set([
  'text/plain',
  'text/html',
  'text/csv',
  'image/png',
  'image/jpeg',
  'application/zip',
  'application/javascript',
  'application/json',
  'application/octet-stream',
])

/** Readings are counted, not kept as points. */
async function upload(ask: Ask): Promise<Answer> {
  const { state, query } = ask
  const { file } = await fileOf(ask)
  const received = query.get('timestamp')
  if (received === null) throw new Refusal(400, { error: 'missing timestamp argument' })
  const sent = received.replace(/ (\d{2}:?\d{2})$/, '+$1')
  if (pointTimeUs(sent) === undefined) {
    throw new Refusal(400, ['Upload function requires a ?timestamp=str argument in UTC format'])
  }
  const bytes = new Uint8Array(await file.arrayBuffer())
  const report = readReport(file.name, bytes)
  const device = formatDeviceSlug(report.device)
  if (!state.devices.has(device)) throw notFound()
  const slug = formatStreamerSlug({ device: report.device, index: report.index })
  if (!state.streamers.has(slug)) {
    addStreamer(state, device, { index: report.index, selector: report.selector })
  }
  const streamer = state.streamers.get(slug)!
  const news = report.ids.filter((id) => id > Number(streamer.last_id))
  streamer.last_id = Math.max(Number(streamer.last_id), report.highestId)
  streamer.selector = report.selector
  const id = randomUUID()
  state.reports.set(id, {
    id,
    original_first_id: report.lowestId,
    original_last_id: report.highestId,
    actual_first_id: news.length > 0 ? Math.min(...news) : 0,
    actual_last_id: news.length > 0 ? Math.max(...news) : 0,
    streamer: slug,
    sent_timestamp: sent,
    device_sent_timestamp: report.sentS,
    incremental_id: report.reportId,
    time_epsilon: 1,
    created_on: FIXED_TIME,
    created_by: 'unknown-username',
  })
  state.rawReportFiles.set(id, bytes)
  return { status: 200, body: { count: report.ids.length } }
}

function reportOf({ state, names }: Ask): MockObject {
  if (!UUID.test(names.id)) throw new Refusal(400, ['Streamer Report ID must be a UUID'])
  return find(state.reports, names.id)
}

function uploadUrl(ask: Ask): Answer {
  const report = find(ask.state.generatedReports, ask.names.id)
  const body = objectOf(ask)
  requireFields(body, ['name'])
  const { acl = 'private', content_type: type = 'application/octet-stream', name } = body
  if (acl !== 'private' && acl !== 'public-read') throw new Refusal(400, { acl: ['Not a valid choice.'] })
  if (!CONTENT_TYPES.has(String(type))) throw new Refusal(400, { content_type: ['Not a valid choice.'] })
  const uuid = randomUUID()
  report.index_file = { id: uuid, title: name, file_type: type }
  const url = `${new URL(ask.url).origin}/upload/${uuid}`
  return { status: 202, body: { url, fields: { key: uuid, acl, 'Content-Type': type }, uuid } }
}

export const REPORT_ROUTES: Routes = {
  ...objectRoutes({
    path: 'streamer',
    map: ({ streamers }) => streamers,
    filters: { device: 'device', slug: 'slug' },
    isListed: ({ selector }, { query }) =>
      !query.has('selector') || String(selector) === query.get('selector'),
  }),
  'streamer/report': {
    GET(ask) {
      const wished = ask.query.get('streamer__slug')
      const reports = Array.from(ask.state.reports.values())
      return pageOf(ask, wished === null ? reports : reports.filter(({ streamer }) => streamer === wished))
    },
    POST: upload,
  },
  'streamer/report/:id': { GET: (ask) => ({ status: 200, body: reportOf(ask) }) },
  'streamer/:slug/report': {
    GET({ state, names }) {
      const { slug } = find(state.streamers, names.slug)
      return {
        status: 200,
        body: Array.from(state.reports.values()).filter(({ streamer }) => streamer === slug),
      }
    },
  },
  ...objectRoutes({
    path: 'report/generated',
    map: ({ generatedReports }) => generatedReports,
    create(ask) {
      const body = objectOf(ask)
      requireFields(body, ['label', 'org'])
      const id = randomUUID()
      ask.state.generatedReports.set(id, {
        ...body,
        id,
        status: 'GS',
        created_on: FIXED_TIME,
        index_file: null,
      })
      return { status: 200, body: { id } }
    },
  }),
  'report/generated/:id/uploadurl': { POST: uploadUrl },
  'report/generated/:id/uploadsuccess': {
    POST(ask) {
      const report = find(ask.state.generatedReports, ask.names.id)
      if (report.index_file === null) throw notFound()
      report.status = 'G1'
      return { status: 200, body: { url: `${new URL(ask.url).origin}/files/${ask.names.id}` } }
    },
  },
}
