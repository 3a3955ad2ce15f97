/** Who may call which route about what devices are told, and about what they send in reports. */
import {
  type AccessRow,
  type AccessWorld,
  ALL,
  DATA,
  FORM,
  LET_IN,
  LIST,
  MODIFY,
  MODIFY_DEVICE,
  type Rule,
  STAFF,
  STAFF_WITHIN,
  VIEW,
} from './access-rules.fixture.ts'

export const UPLOAD_PATH = 'streamer/report/?timestamp=2026-01-01T00:00:00Z'

const OF_DEVICE: Rule = { ...VIEW, deviceKey: LET_IN }
const DATA_OF_DEVICE: Rule = { ...DATA, deviceKey: LET_IN }
/** What a device does with its commands, and whoever passes on what devices say. */
const AS_DEVICE: Rule = { roles: ALL, scopes: ['read', 'write'], deviceKey: LET_IN }
const CONTROL: Rule = { roles: MODIFY_DEVICE, scopes: ['read', 'write'] }

export function controlAccessTable(at: AccessWorld): readonly AccessRow[] {
  const device = `device/${at.device}/`
  const command = `${device}command/${at.command}/`
  const streamer = `streamer/${at.streamer}/`
  const report = `streamer/report/${at.streamerReport}/`
  const mask = `device/${at.spare}/mask/`
  const shadow = `${device}shadow/`
  return [
    ['GET /device/:slug/shadow/', DATA_OF_DEVICE, shadow],
    ['PATCH /device/:slug/shadow/', CONTROL, shadow, { desired: { rate: 1 } }],
    ['PATCH /device/:slug/shadow/', { ...CONTROL, deviceKey: LET_IN }, shadow, { reported: { rate: 1 } }],
    ['PATCH /device/:slug/shadow/', CONTROL, shadow, { desired: { rate: 1 }, reported: { rate: 1 } }],
    ['GET /device/:slug/shadow/delta/', DATA_OF_DEVICE, `${shadow}delta/`],

    ['GET /device/:slug/command/', DATA_OF_DEVICE, `${device}command/`],
    ['POST /device/:slug/command/', CONTROL, `${device}command/`, { name: 'open' }],
    ['GET /device/:slug/command/next/', AS_DEVICE, `${device}command/next/`],
    ['GET /device/:slug/command/:id/', DATA_OF_DEVICE, command],
    ['POST /device/:slug/command/:id/ack/', AS_DEVICE, `${command}ack/`, {}],
    ['POST /device/:slug/command/:id/cancel/', CONTROL, `${command}cancel/`, {}],

    ['GET /device/:slug/mask/', OF_DEVICE, `${device}mask/`],
    ['POST /device/:slug/mask/', MODIFY, mask, {}],
    ['PUT /device/:slug/mask/', MODIFY, mask, {}],
    ['PATCH /device/:slug/mask/', MODIFY, mask, {}],
    ['DELETE /device/:slug/mask/', MODIFY, mask],

    ['GET /streamer/', LIST, 'streamer/'],
    ['POST /streamer/', STAFF, 'streamer/', { device: at.device, index: 1 }],
    ['GET /streamer/:slug/', VIEW, streamer],
    ['PUT /streamer/:slug/', STAFF_WITHIN, streamer, {}],
    ['PATCH /streamer/:slug/', STAFF_WITHIN, streamer, {}],
    ['GET /device/:slug/streamers/', OF_DEVICE, `${device}streamers/`],

    ['GET /streamer/report/', LIST, 'streamer/report/'],
    [
      'POST /streamer/report/',
      { roles: ALL, scopes: ['write'], deviceKey: LET_IN },
      UPLOAD_PATH,
      reportForm(at.device),
      FORM,
    ],
    ['GET /streamer/report/:id/', VIEW, report],
    ['GET /streamer/report/:id/file/', DATA, `${report}file/`],
    ['GET /streamer/:slug/report/', VIEW, `${streamer}report/`],
    ['DELETE /streamer/:slug/', STAFF_WITHIN, at.newStreamer],
  ]
}

/** A report of the first streamer of a device, as a form whose parts `FORM` tells apart. */
export function reportForm(device: string): string {
  const report = {
    format: 'v100',
    device: Number.parseInt(device.slice(3).replaceAll('-', ''), 16),
    streamer_index: 0,
    streamer_selector: 0xd7ff,
    incremental_id: 1,
    lowest_id: 1,
    highest_id: 1,
    device_sent_timestamp: 1,
    events: [],
    data: [{ stream: '5001', streamer_local_id: 1, timestamp: null, device_timestamp: 1, value: 1 }],
  }
  return (
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n' +
    `${JSON.stringify(report)}\r\n--x--\r\n`
  )
}
