import { describe, expect, it } from 'vitest'
import { ConflictError, InvalidError, NotFoundError, TooLargeError } from '../errors.ts'
import { addOwner, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import type { CatalogDb } from './schema.ts'
import { createStream, deleteStream } from './streams.ts'
import {
  createVariable,
  deleteVariable,
  findVariable,
  findVariableByName,
  findVariablesByLids,
  LID_MAX,
  listVariables,
  type NewVariable,
  updateVariable,
} from './variables.ts'

async function openProject() {
  const db = await openTestCatalog()
  const { account, org, project } = await addOwner(db, 'rick')
  const by = { created_by: account.id, created_at_us: 0 }
  const add = (more: Partial<NewVariable> = {}) =>
    createVariable(db, { project_id: project.id, name: 'temp', ...by, ...more })
  return { db, account, org, project, by, add }
}

/** Occupies numbers without going through the catalog's own allocation. */
async function occupy(db: CatalogDb, projectId: number, { from, to }: { from: number; to: number }) {
  const { project_id, lid, id, ...rest } = (await findVariable(db, { projectId, lid: 1 }))!
  for (let start = from; start <= to; start += 1_000) {
    const count = Math.min(1_000, to - start + 1)
    const rows = Array.from({ length: count }, (_, i) => ({
      ...rest,
      id: `${id} ${start + i}`,
      project_id,
      lid: start + i,
    }))
    await db.insertInto('variables').values(rows).execute()
  }
}

describe('createVariable', () => {
  it('numbers the variables of each project from 1', async () => {
    const { db, by, add } = await openProject()
    const other = await addOwner(db, 'morty')
    expect((await add()).lid).toBe(1)
    expect((await add()).lid).toBe(2)
    const elsewhere = await createVariable(db, { project_id: other.project.id, name: 'temp', ...by })
    expect(elsewhere.lid).toBe(1)
  })

  it('steps over numbers that were chosen, and does not reuse those of deleted variables', async () => {
    const { db, project, add } = await openProject()
    for (const lid of [1, 2, 4, 0x5001]) await add({ lid })
    expect((await add()).lid).toBe(3)
    expect((await add()).lid).toBe(5)
    await deleteVariable(db, { projectId: project.id, lid: 5 })
    expect((await add()).lid).toBe(6)
  })

  it('goes back to what is free below when the end is reached, and says so when all is taken', async () => {
    const { db, project, add } = await openProject()
    await add()
    await occupy(db, project.id, { from: 3, to: LID_MAX })
    await db
      .updateTable('projects')
      .set({ last_lid: LID_MAX - 1 })
      .execute()
    expect((await add()).lid).toBe(2)
    const one = add()
    await expect(one).rejects.toThrow(TooLargeError)
    await expect(one).rejects.toThrow(
      'The project has 65535 variables, which is as many as there are numbers',
    )
    await deleteVariable(db, { projectId: project.id, lid: 700 })
    expect((await add()).lid).toBe(700)
    await expect(add()).rejects.toThrow(TooLargeError)
  })

  it('refuses numbers out of range, taken ones, and projects that do not exist', async () => {
    const { add } = await openProject()
    expect((await add({ lid: LID_MAX })).lid).toBe(LID_MAX)
    for (const lid of [0, -1, 1.5, LID_MAX + 1]) await expect(add({ lid })).rejects.toThrow(InvalidError)
    await expect(add({ lid: LID_MAX })).rejects.toThrow(ConflictError)
    await expect(add({ project_id: 99 })).rejects.toThrow(InvalidError)
    await expect(add({ project_id: 99, lid: 1 })).rejects.toThrow(/FOREIGN KEY/)
  })
})

it('finds variables by number and name; of two of one name the lower number', async () => {
  const { db, project, add } = await openProject()
  const projectId = project.id
  await add({ lid: 9 })
  const lower = await add({ lid: 8 })
  expect(await findVariable(db, { projectId, lid: 8 })).toEqual(lower)
  expect(await findVariable(db, { projectId, lid: 7 })).toBeUndefined()
  expect(await findVariableByName(db, { projectId, name: 'temp' })).toEqual(lower)
  expect(await findVariableByName(db, { projectId, name: 'Temp' })).toBeUndefined()
  const found = await findVariablesByLids(db, { projectId, lids: [9, 7, 8, 9] })
  expect(found.map(({ lid }) => lid).sort()).toEqual([8, 9])
})

it('lists what is in sight and matches the filter, by project and number', async () => {
  const { db, account, org, project, by, add } = await openProject()
  const other = await addOwner(db, 'morty')
  await add({ lid: 2, name: 'Water_flow' })
  await add({ lid: 1, name: 'water level' })
  await createVariable(db, { project_id: other.project.id, name: 'light', ...by })
  const list = async (options: Parameters<typeof listVariables>[1]) =>
    (await listVariables(db, options, FIRST_PAGE)).rows.map(({ name }) => name)
  expect(await list({ sight: {} })).toEqual(['water level', 'Water_flow', 'light'])
  expect(await list({ sight: { memberId: other.account.id } })).toEqual(['light'])
  expect(await list({ sight: { memberId: account.id, projectId: project.id } })).toHaveLength(2)
  expect(await list({ sight: { orgId: org.id }, filter: { orgId: other.org.id } })).toEqual([])
  expect(await list({ sight: {}, filter: { projectId: other.project.id } })).toEqual(['light'])
  expect(await list({ sight: {}, filter: { search: 'WATER' } })).toHaveLength(2)
  expect(await list({ sight: {}, filter: { search: 'r_' } })).toEqual(['Water_flow'])
})

it('changes what is given', async () => {
  const { db, project, add } = await openProject()
  const variable = await add({ lid: 3 })
  const key = { projectId: project.id, lid: 3 }
  const changed = { ...variable, multiplication_factor: 2, offset_value: -0.5 }
  expect(await updateVariable(db, key, { multiplication_factor: 2, offset_value: -0.5 })).toEqual(changed)
  expect(await updateVariable(db, key, {})).toEqual(changed)
  await expect(updateVariable(db, { ...key, lid: 4 }, {})).rejects.toThrow(NotFoundError)
})

it('is deleted only without streams', async () => {
  const { db, project, by, add } = await openProject()
  const { lid } = await add()
  const key = { projectId: project.id, lid }
  const stream = await createStream(db, {
    project_id: project.id,
    device_id: 0,
    variable_lid: lid,
    is_registered: 1,
    ...by,
  })
  await expect(deleteVariable(db, key)).rejects.toThrow(ConflictError)
  await deleteStream(db, stream.id)
  await deleteVariable(db, key)
  await expect(deleteVariable(db, key)).rejects.toThrow(NotFoundError)
})
