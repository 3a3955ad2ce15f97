import { formatDeviceSlug } from '@sonde/client'
import { expect, it } from 'vitest'
import { ConflictError, InvalidError } from '../errors.ts'
import { addOwner, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import {
  createDataBlock,
  type DataBlockFilter,
  deleteDataBlock,
  findDataBlock,
  listDataBlocks,
  updateDataBlock,
} from './datablocks.ts'
import { createDevice, deleteDevice } from './devices.ts'
import { createEvents, listEvents } from './events.ts'
import { createProperty, listProperties } from './properties.ts'
import { createStream, findStreamBySlug, listStreams } from './streams.ts'

/** A device with a registered stream and one without a record. */
async function openDevice() {
  const db = await openTestCatalog()
  const { account, org, project } = await addOwner(db, 'rick')
  const by = { created_by: account.id, created_at_us: 0 }
  const device = await createDevice(db, { project_id: project.id, ...by })
  const key = { project_id: project.id, device_id: device.id, ...by }
  const named = await createStream(db, {
    ...key,
    variable_lid: 0x5001,
    is_registered: 1,
    data_label: 'flow',
    multiplication_factor: 100,
  })
  const bare = await createStream(db, { ...key, variable_lid: 0x5c00, is_registered: 0 })
  const archive = (streamIds: number[], block?: number, title = 'Trip') =>
    createDataBlock(db, {
      device_id: device.id,
      org_id: org.id,
      project_id: project.id,
      title,
      description: '',
      sg: null,
      ...by,
      streamIds,
      block,
    })
  return { db, by, org, device, named, bare, archive }
}

it('gives the streams of a device to its archive, and the device new ones like them', async () => {
  const { db, device, named, bare, archive } = await openDevice()
  expect(await archive([named.id, bare.id])).toMatchObject({ block: 1 })
  const archived = (lid: string) => findStreamBySlug(db, `s--0000-0000--0001-0000-0000-0001--${lid}`)
  expect(await archived('5001')).toMatchObject({
    id: named.id,
    block: 1,
    data_label: 'flow',
    is_registered: 1,
  })
  expect(await archived('5c00')).toMatchObject({ id: bare.id, block: 1, is_registered: 0 })
  const { rows } = await listStreams(db, { sight: {}, filter: { deviceId: device.id, block: 0 } }, FIRST_PAGE)
  expect(rows).toEqual([{ ...named, id: bare.id + 1 }])
})

it('takes events along', async () => {
  const { db, by, named, archive } = await openDevice()
  await createEvents(db, [{ stream_id: named.id, time_us: 1, extra: {}, ...by }])
  await archive([named.id])
  const now = await findStreamBySlug(db, named.slug)
  expect((await listEvents(db, { streamIds: [named.id] }, FIRST_PAGE)).count).toBe(1)
  expect((await listEvents(db, { streamIds: [now!.id] }, FIRST_PAGE)).count).toBe(0)
})

it('changes nothing when the archive cannot be made', async () => {
  const { db, by, device, named, archive } = await openDevice()
  const target = formatDeviceSlug(device.id)
  await archive([named.id], 3)
  await createProperty(db, { target, name: 'cargo', value: 'pears', isSystem: false, ...by })
  const { id } = (await findStreamBySlug(db, named.slug))!
  await expect(archive([id], 3)).rejects.toThrow(ConflictError)
  // The second of two that archive the same at a time.
  await expect(archive([id, named.id])).rejects.toThrow(InvalidError)
  expect(await findStreamBySlug(db, named.slug)).toMatchObject({ id, block: 0 })
  expect((await listProperties(db, { target }, FIRST_PAGE)).count).toBe(1)
  expect((await listDataBlocks(db, { sight: {} }, FIRST_PAGE)).count).toBe(1)
})

it('numbers archives after the greatest', async () => {
  const { archive } = await openDevice()
  expect([await archive([], 7), await archive([])].map(({ block }) => block)).toEqual([7, 8])
  await archive([], 0xffff)
  await expect(archive([])).rejects.toThrow('delete it first')
})

it.each<[DataBlockFilter, string[]]>([
  [{}, ['Pears 100%', 'Trip']],
  [{ text: 'pears' }, ['Pears 100%']],
  [{ text: '0%' }, ['Pears 100%']],
  [{ deviceId: 1 }, ['Pears 100%', 'Trip']],
  [{ deviceId: 2 }, []],
  [{ orgId: 'other' }, []],
])('lists archives by %o, the latest first', async (filter, expected) => {
  const { db, archive } = await openDevice()
  await archive([])
  await archive([], undefined, 'Pears 100%')
  const { count, rows } = await listDataBlocks(db, { sight: {}, filter }, FIRST_PAGE)
  expect([count, ...rows.map(({ title }) => title)]).toEqual([expected.length, ...expected])
})

it('changes what describes an archive', async () => {
  const { db, archive } = await openDevice()
  const { id } = await archive([])
  expect(await updateDataBlock(db, id, { description: 'cold' })).toMatchObject({
    title: 'Trip',
    description: 'cold',
  })
})

it('deletes an archive with its streams; its device can go then, and not before', async () => {
  const { db, device, named, bare, archive } = await openDevice()
  const block = await archive([bare.id])
  await expect(deleteDevice(db, device.id)).rejects.toThrow(ConflictError)
  await deleteDataBlock(db, block, [bare.id])
  expect(await findDataBlock(db, { device: device.id, block: 1 })).toBeUndefined()
  await db.deleteFrom('streams').where('id', '=', named.id).execute()
  await deleteDevice(db, device.id)
})
