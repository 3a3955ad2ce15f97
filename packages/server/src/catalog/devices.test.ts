import { describe, expect, it } from 'vitest'
import { ConflictError, InvalidError, NotFoundError } from '../errors.ts'
import { addOwner, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import {
  claimDevice,
  createDevice,
  createDevices,
  deleteDevice,
  findDevice,
  findDeviceByLabel,
  findDeviceIdsByLabels,
  findDevicesByIds,
  listDevices,
  type NewDevice,
  unclaimDevice,
  updateDevice,
} from './devices.ts'
import { createStream, deleteStream } from './streams.ts'

async function openProject() {
  const db = await openTestCatalog()
  const { account, org, project } = await addOwner(db, 'rick')
  const add = (more: Partial<NewDevice> = {}) =>
    createDevice(db, { project_id: project.id, created_by: account.id, created_at_us: 8, ...more })
  return { db, account, org, project, add }
}

describe('createDevice', () => {
  it('claims a device of a project for its creator, in the organisation of the project', async () => {
    const { account, org, project, add } = await openProject()
    expect(await add({ label: 'Pump' })).toEqual({
      id: 1,
      project_id: project.id,
      org_id: org.id,
      label: 'Pump',
      active: 1,
      external_id: '',
      sg: null,
      template: '',
      lat: null,
      lon: null,
      state: 'N1',
      busy: 0,
      created_at_us: 8,
      created_by: account.id,
      claimed_by: account.id,
      claimed_at_us: 8,
    })
    await expect(add({ project_id: 99 })).rejects.toThrow(InvalidError)
  })

  it('leaves a device without a project unclaimed', async () => {
    const { add } = await openProject()
    expect(await add({ project_id: null })).toMatchObject({
      org_id: null,
      claimed_by: null,
      claimed_at_us: null,
    })
  })

  it('takes numbers of 48 bits and steps over those that are taken', async () => {
    const { db, add } = await openProject()
    const last = await add({ id: 2 ** 48 - 1 })
    expect(await findDevice(db, 2 ** 48 - 1)).toEqual(last)
    for (let id = 1; id <= 3; id++) await add({ id })
    expect((await add()).id).toBe(4)
    expect((await add()).id).toBe(5)
    for (const id of [0, 2 ** 48, 0.5]) await expect(add({ id })).rejects.toThrow(InvalidError)
    await expect(add({ id: 2 })).rejects.toThrow(ConflictError)
    await expect(add({ id: 2 })).rejects.toThrow('Device d--0000-0000-0000-0002 exists already.')
  })
})

it('finds a device by label within its project; of two the lower number', async () => {
  const { db, project, add } = await openProject()
  await add({ id: 20, label: 'Pump' })
  const lower = await add({ id: 10, label: 'Pump' })
  expect(await findDeviceByLabel(db, { projectId: project.id, label: 'Pump' })).toEqual(lower)
  expect(await findDeviceByLabel(db, { projectId: project.id, label: 'pump' })).toBeUndefined()
  expect(await findDeviceByLabel(db, { projectId: 99, label: 'Pump' })).toBeUndefined()
})

it('looks up many more ids than a statement takes parameters', async () => {
  const { db, add } = await openProject()
  await add({ id: 3 })
  await add({ id: 39_999 })
  const ids = Array.from({ length: 40_000 }, (_, i) => i)
  expect((await findDevicesByIds(db, ids)).map(({ id }) => id)).toEqual([3, 39_999])
})

it('lists what is in sight and matches the filter, by number', async () => {
  const { db, account, org, project, add } = await openProject()
  const other = await addOwner(db, 'morty')
  await add({ id: 1, label: 'Pump', external_id: 'x-1', sg: 'water-meter-v1-1-0' })
  await add({ id: 2, active: 0, template: 't-v1' })
  await add({ id: 3, project_id: null })
  await add({ id: 4, project_id: other.project.id })
  const list = async (options: Parameters<typeof listDevices>[1]) =>
    (await listDevices(db, options, FIRST_PAGE)).rows.map(({ id }) => id)
  const filtered = (filter: Parameters<typeof listDevices>[1]['filter'] & object) =>
    list({ sight: {}, filter })
  expect(await list({ sight: {} })).toEqual([1, 2, 3, 4])
  expect(await list({ sight: { memberId: account.id } })).toEqual([1, 2])
  expect(await list({ sight: { orgId: other.org.id } })).toEqual([4])
  expect(await list({ sight: { projectId: project.id } })).toEqual([1, 2])
  expect(await list({ sight: { deviceId: 2 } })).toEqual([2])
  expect(await list({ sight: { deviceId: 2 }, filter: { activeOnly: true } })).toEqual([])
  expect(await filtered({ orgId: org.id, activeOnly: true })).toEqual([1])
  expect(await filtered({ projectId: project.id })).toEqual([1, 2])
  expect(await filtered({ externalId: 'x-1' })).toEqual([1])
  expect(await filtered({ sg: 'water-meter-v1-1-0' })).toEqual([1])
  expect(await filtered({ template: 't-v1' })).toEqual([2])
  expect(await filtered({ label: 'Pump' })).toEqual([1])
  expect(await filtered({ claimed: true })).toEqual([1, 2, 4])
  expect(await filtered({ claimed: false })).toEqual([3])
  const page = await listDevices(db, { sight: {} }, { limit: 2, offset: 2 })
  expect([page.count, page.rows.map(({ id }) => id)]).toEqual([4, [3, 4]])
})

it('changes what is given', async () => {
  const { db, add } = await openProject()
  const device = await add()
  const changed = { ...device, sg: 'water-meter-v1-1-1', lat: '40.4' }
  expect(await updateDevice(db, device.id, { sg: 'water-meter-v1-1-1', lat: '40.4' })).toEqual(changed)
  expect(await updateDevice(db, device.id, {})).toEqual(changed)
  await expect(updateDevice(db, 99, { label: 'x' })).rejects.toThrow(NotFoundError)
})

it('is claimed once, until it is unclaimed', async () => {
  const { db, account, org, project, add } = await openProject()
  const { id } = await add({ project_id: null })
  const claim = (id: number, projectId = project.id) =>
    claimDevice(db, { id, projectId, accountId: account.id, nowUs: 20 })
  await expect(claim(id, 99)).rejects.toThrow(InvalidError)
  const claims = await Promise.allSettled([claim(id), claim(id)])
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await findDevice(db, id)).toMatchObject({
    project_id: project.id,
    org_id: org.id,
    claimed_by: account.id,
    claimed_at_us: 20,
  })
  await expect(claim(id)).rejects.toThrow(ConflictError)
  await expect(claim(99)).rejects.toThrow(NotFoundError)
  expect(await unclaimDevice(db, id)).toMatchObject({ project_id: null, org_id: null, claimed_by: null })
  expect(await claim(id)).toMatchObject({ project_id: project.id })
  await expect(unclaimDevice(db, 99)).rejects.toThrow(NotFoundError)
})

it('is deleted only without streams', async () => {
  const { db, account, project, add } = await openProject()
  const { id } = await add()
  const stream = await createStream(db, {
    project_id: project.id,
    device_id: id,
    variable_lid: 1,
    is_registered: 0,
    created_by: account.id,
    created_at_us: 0,
  })
  await expect(deleteDevice(db, id)).rejects.toThrow(ConflictError)
  await deleteStream(db, stream.id)
  await deleteDevice(db, id)
  await expect(deleteDevice(db, id)).rejects.toThrow(NotFoundError)
})

describe('createDevices', () => {
  it('makes one for each label, and steps over numbers that somebody chose', async () => {
    const db = await openTestCatalog()
    const { account, project, org } = await addOwner(db, 'rick')
    const by = { created_by: account.id, created_at_us: 7 }
    await createDevice(db, { ...by, id: 2 })
    await createDevice(db, { ...by, id: 4 })
    const labels = ['a', 'b', 'c', 'd']
    const ids = await createDevices(db, { ...by, project_id: project.id, labels })
    expect(ids).toEqual([1, 3, 5, 6])
    expect(await findDevice(db, 3)).toMatchObject({
      label: 'b',
      project_id: project.id,
      org_id: org.id,
      claimed_by: account.id,
    })
    expect(await createDevices(db, { ...by, project_id: project.id, labels: [] })).toEqual([])
    await expect(createDevices(db, { ...by, project_id: 99, labels: ['x'] })).rejects.toThrow(InvalidError)
  })

  it('finds devices by their labels, of namesakes the first', async () => {
    const db = await openTestCatalog()
    const { account, project } = await addOwner(db, 'rick')
    const by = { created_by: account.id, created_at_us: 7 }
    const labels = Array.from({ length: 1_200 }, (_, i) => `label ${i % 1_000}`)
    await createDevices(db, { ...by, project_id: project.id, labels })
    const found = await findDeviceIdsByLabels(db, { projectId: project.id, labels: ['nobody', ...labels] })
    expect([found.size, found.get('label 0'), found.get('label 999')]).toEqual([1_000, 1, 1_000])
  })
})
