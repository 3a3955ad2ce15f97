/** `/api/v1/device/<slug>/shadow/`: what a device is wished to be like, and what it says that it is like. */
import { formatDeviceSlug } from '@sonde/client'
import { recordAudit } from '../../../catalog/audit.ts'
import { isPipelineDevice } from '../../../catalog/pipelines.ts'
import { type Values, VersionConflictError } from '../../../control/shadows.ts'
import { InvalidError } from '../../../errors.ts'
import { isPinValue, PIN_CHARS_MAX, PIN_INTEGER_MAX, PINS } from '../../../model/pins.ts'
import { callerOf } from '../caller.ts'
import { RestAnswer } from '../errors.ts'
import { check, deviceOfPath, targetOfDevice } from '../lookup.ts'
import type { RestHttp } from '../rest-http.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { joinedShadow } from '../shadow-view.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { DeltaView, ShadowView, shadowView } from '../views/shadow.ts'

const tags = ['device']
const DevicePath = Type.Object({ slug: Type.String({ description: '`d--…`, also without leading zeros' }) })
const GivenValues = Type.Record(Type.String(), Type.Unknown(), {
  description: 'By name; `null` takes a name out, and names left out stay',
})
const ShadowBody = Type.Object(
  {
    desired: Type.Optional(GivenValues),
    reported: Type.Optional(GivenValues),
    version: Type.Optional(
      Type.Integer({ description: 'Refused with 409 when the shadow has another one by now' }),
    ),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function shadowRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock, shadows } = services

  http.get(
    '/device/:slug/shadow/',
    { schema: { tags, summary: 'Read the shadow', params: DevicePath, response: { 200: ShadowView } } },
    async (request) => {
      const device = await deviceOfPath(services, request, {
        text: request.params.slug,
        permission: 'read_data',
      })
      return shadowView(device.id, await joinedShadow(services, device))
    },
  )

  http.patch(
    '/device/:slug/shadow/',
    {
      schema: {
        tags,
        summary: 'Wish values, or report them',
        params: DevicePath,
        body: ShadowBody,
        response: { 200: ShadowView },
      },
    },
    async (request) => {
      const { desired, reported, version } = request.body
      const device = await deviceOfPath(services, request, { text: request.params.slug, permission: 'view' })
      const target = targetOfDevice(device)
      await check(services, request, 'read_data', target)
      if (desired !== undefined || reported === undefined) {
        await check(services, request, 'control_device', target)
      }
      if (reported !== undefined) await check(services, request, 'write_data', target)
      if (desired !== undefined && (await isPipelineDevice(catalog, device.id))) checkPins(desired)
      try {
        await shadows.change(device.id, { desired, reported, version })
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error
        throw new RestAnswer(409, { detail: error.message, version: error.version })
      }
      if (desired !== undefined) {
        await recordAudit(catalog, {
          at_us: clock.nowUs(),
          account_id: callerOf(request).accountId,
          action: 'desire',
          target: formatDeviceSlug(device.id),
          detail: JSON.stringify(desired),
        })
      }
      return shadowView(device.id, await joinedShadow(services, device))
    },
  )

  http.get(
    '/device/:slug/shadow/delta/',
    {
      // A HEAD would count as a delivery, and its answer would not hold the values.
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Read what is desired and not so: for devices that poll',
        description:
          'Read with a token that is limited to the device, the desired values count as delivered.',
        params: DevicePath,
        response: { 200: DeltaView },
      },
    },
    async (request) => {
      const device = await deviceOfPath(services, request, {
        text: request.params.slug,
        permission: 'read_data',
      })
      const shadow = await joinedShadow(services, device)
      if (callerOf(request).limit?.deviceId === device.id) await shadows.delivered(device.id, shadow)
      return { version: shadow.version, delta: shadow.delta }
    },
  )
}

/** A board could do nothing with other values. @throws {InvalidError} */
function checkPins(desired: Values): void {
  for (const [pin, name] of PINS.entries()) {
    const value = desired[name]
    if (value === undefined || value === null || isPinValue(pin, value)) continue
    const rule = name.startsWith('i')
      ? `a whole number from 0 to ${PIN_INTEGER_MAX}`
      : `a text of 1 to ${PIN_CHARS_MAX} characters`
    throw InvalidError.field('desired', `${name} is ${rule}.`)
  }
}
