/** `/api/v1/device/<slug>/firmware/`: what a device is to run, and what it says that it runs. */
import { formatDeviceSlug } from '@sonde/client'
import { assignFirmware } from '../../../rollout/assigned-firmware.ts'
import { callerOf } from '../caller.ts'
import { check, deviceOfPath, targetOfDevice } from '../lookup.ts'
import type { RestHttp } from '../rest-http.ts'
import { tagByName } from '../rollout-fields.ts'
import { firmwareOfDevice } from '../rollout-names.ts'
import { Type } from '../schema.ts'
import type { RestServices } from '../services.ts'
import { UNKNOWN_FIELDS_IGNORED } from '../unknown-fields.ts'
import { Nullable } from '../views/nullable.ts'
import { DeviceFirmwareView } from '../views/rollout.ts'
import { DevicePath } from './device.ts'

const tags = ['device']
const FirmwareBody = Type.Object(
  {
    package: Nullable(Type.String({ description: 'Null: nobody decides what it is to run' })),
    tag: Type.Optional(Nullable(Type.String())),
  },
  UNKNOWN_FIELDS_IGNORED,
)

export function deviceFirmwareRoutes(http: RestHttp, services: RestServices): void {
  const { catalog, clock } = services

  http.get(
    '/device/:slug/firmware/',
    {
      schema: {
        tags,
        summary: 'Read what a device is to run, and what it says that it runs',
        params: DevicePath,
        response: { 200: DeviceFirmwareView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      return firmwareOfDevice(services, await deviceOfPath(services, request, { text, permission: 'view' }))
    },
  )

  http.put(
    '/device/:slug/firmware/',
    {
      schema: {
        tags,
        summary: 'Assign a tag to a device that is in no rollout',
        params: DevicePath,
        body: FirmwareBody,
        response: { 200: DeviceFirmwareView },
      },
    },
    async (request) => {
      const { slug: text } = request.params
      const device = await deviceOfPath(services, request, { text, permission: 'view' })
      await check(services, request, 'manage_ota', targetOfDevice(device))
      const { package: title, tag: name } = request.body
      const tag = title === null ? null : await tagByName(services, { title, tag: name ?? '' })
      await assignFirmware(catalog, {
        deviceId: device.id,
        deviceSlug: formatDeviceSlug(device.id),
        tagId: tag?.id ?? null,
        accountId: callerOf(request).accountId,
        nowUs: clock.nowUs(),
      })
      return firmwareOfDevice(services, device)
    },
  )
}
