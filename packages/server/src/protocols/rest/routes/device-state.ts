/** `/api/v1/device/<slug>/status/` and `health/`: whether a device is heard of. */
import { formatDeviceSlug } from '@sonde/client'
import { listDeviceStreams } from '../../../catalog/device-streams.ts'
import type { DeviceRow } from '../../../catalog/schema.ts'
import { InvalidError } from '../../../errors.ts'
import { formatIsoUs, US_PER_DAY, US_PER_S } from '../../../model/time.ts'
import { deviceOfPath } from '../lookup.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { Nullable } from '../views/nullable.ts'
import { DevicePath } from './device.ts'

const tags = ['device']
const PERIOD_S_MAX = 10 * 366 * 86_400

const StatusView = Type.Object({
  slug: Type.String(),
  state: Type.String({ description: '`N1` normal, `N0` inactive, `B0` busy' }),
  active: Type.Boolean(),
  busy: Type.Boolean(),
  last_update: Nullable(Type.String({ description: 'Time of the newest point' })),
})
const HealthView = Type.Object({
  slug: Type.String(),
  health_status: Type.Enum(['OK', 'FAIL', 'unknown'], {
    description: '`FAIL`: no point within the period; `unknown`: never a point',
  }),
  health_check_period: Type.Integer({ description: 'Seconds' }),
  last_update: Nullable(Type.String()),
})

export function deviceStateRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock, points } = services
  const lastTimeUs = async (device: DeviceRow) => {
    const streams = await listDeviceStreams(catalog, device)
    return points.lastTimeUs(streams.map((stream) => stream.id))
  }

  http.get(
    '/device/:slug/status/',
    {
      schema: {
        tags,
        summary: 'Read the state of a device, and when it was last heard of',
        params: DevicePath,
        response: { 200: StatusView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      const lastUs = await lastTimeUs(device)
      return {
        slug: formatDeviceSlug(device.id),
        state: device.state,
        active: device.active === 1,
        busy: device.busy === 1,
        last_update: lastUs === undefined ? null : formatIsoUs(lastUs),
      }
    },
  )

  http.get(
    '/device/:slug/health/',
    {
      schema: {
        tags,
        summary: 'Read whether a device has sent a point within a period',
        params: DevicePath,
        querystring: Type.Object({
          period: Type.Optional(Type.String({ description: 'Seconds; a day unless given' })),
        }),
        response: { 200: HealthView },
      },
    },
    async (request) => {
      const periodS = readPeriod(request.query.period)
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      const lastUs = await lastTimeUs(device)
      const sinceUs = clock.nowUs() - periodS * US_PER_S
      return {
        slug: formatDeviceSlug(device.id),
        health_status: healthOf(lastUs, sinceUs),
        health_check_period: periodS,
        last_update: lastUs === undefined ? null : formatIsoUs(lastUs),
      }
    },
  )
}

function healthOf(lastUs: number | undefined, sinceUs: number): 'OK' | 'FAIL' | 'unknown' {
  if (lastUs === undefined) return 'unknown'
  return lastUs >= sinceUs ? 'OK' : 'FAIL'
}

/** @throws {InvalidError} no whole number of seconds up to ten years. */
function readPeriod(text: string | undefined): number {
  if (!text) return US_PER_DAY / US_PER_S
  const periodS = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (periodS >= 1 && periodS <= PERIOD_S_MAX) return periodS
  throw InvalidError.field('period', `Give a whole number of seconds, from 1 to ${PERIOD_S_MAX}.`)
}
