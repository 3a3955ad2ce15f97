import { describe, expect, it } from 'vitest'
import { ConflictError, NotFoundError } from '../errors.ts'
import { addOwner, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import { createDevice, updateDevice } from './devices.ts'
import {
  countStreamsOfProject,
  createStream,
  deleteStream,
  findOrCreateStream,
  findOrCreateStreams,
  findStream,
  findStreamBySlug,
  findStreamsByIds,
  findStreamsBySlugs,
  listStreamReferences,
  listStreams,
  type NewStream,
  registerStream,
  type StreamFilter,
  streamSlug,
  updateStream,
} from './streams.ts'

async function openProject() {
  const db = await openTestCatalog()
  const { account, org, project } = await addOwner(db, 'rick')
  const by = { created_by: account.id, created_at_us: 6 }
  const stream = (device_id: number, variable_lid: number, more: Partial<NewStream> = {}): NewStream => ({
    project_id: project.id,
    device_id,
    variable_lid,
    is_registered: 1,
    ...by,
    ...more,
  })
  return { db, account, org, project, by, stream }
}

it('makes slugs of streams, virtual and archived ones included', () => {
  const slug = (key: Parameters<typeof streamSlug>[0], text: string) => expect(streamSlug(key)).toBe(text)
  const key = { project_id: 0x77, device_id: 0xd2, variable_lid: 0x5001 }
  slug(key, 's--0000-0077--0000-0000-0000-00d2--5001')
  slug({ ...key, device_id: 0 }, 's--0000-0077--0000-0000-0000-0000--5001')
  slug({ ...key, block: 1 }, 's--0000-0000--0001-0000-0000-00d2--5001')
})

describe('createStream', () => {
  it('numbers streams without gaps, also when one is refused', async () => {
    const { db, stream } = await openProject()
    const first = await createStream(db, stream(10, 1))
    expect(first).toMatchObject({
      id: 1,
      slug: 's--0000-0001--0000-0000-0000-000a--0001',
      block: 0,
      is_registered: 1,
      enabled: 1,
      created_at_us: 6,
    })
    await expect(createStream(db, stream(10, 1))).rejects.toThrow(ConflictError)
    await expect(createStream(db, stream(10, 2, { uuid: first.uuid }))).rejects.toThrow(ConflictError)
    expect(await createStream(db, stream(10, 2))).toMatchObject({ id: 2 })
  })
})

describe('findOrCreateStreams', () => {
  it('makes each missing one once, and answers in the order of the question', async () => {
    const { db, stream } = await openProject()
    const existing = await createStream(db, stream(10, 2, { data_label: 'kept' }))
    const rows = await findOrCreateStreams(
      db,
      [3, 2, 1, 3].map((lid) => stream(10, lid, { is_registered: 0 })),
    )
    expect(rows.map(({ slug, id }) => [slug.at(-1), id])).toEqual([
      ['3', 2],
      ['2', 1],
      ['1', 3],
      ['3', 2],
    ])
    expect(await findStream(db, 1)).toEqual(existing)
    expect(await findStream(db, 2)).toMatchObject({ variable_lid: 3, is_registered: 0, data_label: '' })
    expect(await findOrCreateStreams(db, [])).toEqual([])
    expect(await findOrCreateStream(db, stream(10, 9))).toMatchObject({ id: 4 })
    expect(await findOrCreateStream(db, stream(10, 9))).toMatchObject({ id: 4 })
  })

  it('makes more streams than a statement takes parameters, and callers at once agree', async () => {
    const { db, stream } = await openProject()
    const many = Array.from({ length: 2_000 }, (_, i) => stream(i + 1, 1))
    const [first, second] = await Promise.all([findOrCreateStreams(db, many), findOrCreateStreams(db, many)])
    expect(first.map(({ id }) => id)).toEqual(many.map((_, i) => i + 1))
    expect(second).toEqual(first)
    expect(await countStreamsOfProject(db, many[0].project_id)).toBe(2_000)
  })
})

describe('registerStream', () => {
  it('gives a stream that has points its record, and keeps its number', async () => {
    const { db, stream } = await openProject()
    const bare = await findOrCreateStream(db, stream(10, 1, { is_registered: 0 }))
    const registered = await registerStream(db, { ...stream(10, 1), data_label: 'IO 1', created_at_us: 9 })
    expect(registered).toEqual({ ...bare, is_registered: 1, data_label: 'IO 1', created_at_us: 9 })
    await expect(registerStream(db, stream(10, 1))).rejects.toThrow(ConflictError)
  })

  it('creates one that does not exist', async () => {
    const { db, stream } = await openProject()
    expect(await registerStream(db, stream(0, 1))).toMatchObject({ id: 1, device_id: 0, is_registered: 1 })
  })
})

it('finds streams by number and slug, one and many', async () => {
  const { db, stream } = await openProject()
  const one = await findOrCreateStream(db, stream(10, 1))
  const two = await findOrCreateStream(db, stream(10, 2))
  expect(await findStream(db, one.id)).toEqual(one)
  expect(await findStreamBySlug(db, two.slug)).toEqual(two)
  expect(await findStream(db, 99)).toBeUndefined()
  expect(await findStreamsBySlugs(db, [two.slug, 's--none', one.slug])).toHaveLength(2)
  expect(await findStreamsByIds(db, [1, 2, 2, 3])).toHaveLength(2)
  expect(await findStreamsByIds(db, new Set<number>())).toEqual([])
})

it('lists what is in sight and matches the filter, in the order of making', async () => {
  const { db, account, org, project, by, stream } = await openProject()
  const other = await addOwner(db, 'morty')
  for (const id of [10, 11]) await createDevice(db, { id, project_id: project.id, ...by })
  await updateDevice(db, 11, { active: 0 })
  await findOrCreateStreams(db, [
    stream(10, 1),
    stream(10, 2, { enabled: 0 }),
    stream(11, 1, { is_registered: 0 }),
    stream(0, 1),
    stream(10, 1, { block: 3 }),
    { ...stream(12, 1), project_id: other.project.id },
  ])
  const list = async (options: Parameters<typeof listStreams>[1]) => {
    const page = await listStreams(db, options, FIRST_PAGE)
    const references = await listStreamReferences(db, options, FIRST_PAGE)
    expect(references.map(({ id }) => id)).toEqual(page.rows.map(({ id }) => id))
    expect(page.count).toBe(page.rows.length)
    return page.rows.map(({ id }) => id)
  }
  const filtered = (filter: StreamFilter) => list({ sight: {}, filter })
  expect(await list({ sight: {} })).toEqual([1, 2, 3, 4, 5, 6])
  expect(await list({ sight: { memberId: account.id } })).toEqual([1, 2, 3, 4, 5])
  expect(await list({ sight: { orgId: other.org.id } })).toEqual([6])
  expect(await list({ sight: { memberId: account.id }, filter: { orgId: other.org.id } })).toEqual([])
  expect(await list({ sight: { orgId: org.id, projectId: project.id, deviceId: 11 } })).toEqual([3])
  expect(await filtered({ projectId: other.project.id })).toEqual([6])
  expect(await filtered({ deviceId: 10 })).toEqual([1, 2, 5])
  expect(await filtered({ deviceId: 10, block: 3 })).toEqual([5])
  expect(await filtered({ variable: { projectId: project.id, lid: 2 } })).toEqual([2])
  expect(await filtered({ enabled: false })).toEqual([2])
  expect(await filtered({ archived: true })).toEqual([5])
  expect(await filtered({ archived: false, projectId: project.id })).toEqual([1, 2, 3, 4])
  expect(await filtered({ virtual: true })).toEqual([4])
  expect(await filtered({ virtual: false, projectId: project.id })).toEqual([1, 2, 3, 5])
  expect(await filtered({ registered: false })).toEqual([3])
  expect(await filtered({ activeOnly: true, projectId: project.id })).toEqual([1, 2, 4, 5])

  const page = await listStreams(db, { sight: {} }, { limit: 2, offset: 4 })
  expect([page.count, page.rows.map(({ id }) => id)]).toEqual([6, [5, 6]])
})

it('changes what is given, and deletes', async () => {
  const { db, stream } = await openProject()
  const row = await createStream(db, stream(10, 1))
  const changed = { ...row, enabled: 0, mdo_type: 'S', multiplication_factor: 100, division_factor: 1 }
  const changes = { enabled: 0, mdo_type: 'S', multiplication_factor: 100, division_factor: 1 }
  expect(await updateStream(db, row.id, changes)).toEqual(changed)
  expect(await updateStream(db, row.id, {})).toEqual(changed)
  await deleteStream(db, row.id)
  await expect(deleteStream(db, row.id)).rejects.toThrow(NotFoundError)
  await expect(updateStream(db, row.id, {})).rejects.toThrow(NotFoundError)
})
