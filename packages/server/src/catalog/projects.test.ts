import { describe, expect, it } from 'vitest'
import { ConflictError, InvalidError, NotFoundError, TooLargeError } from '../errors.ts'
import { addOwner, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import { reserveId } from './counters.ts'
import { createDevice, deleteDevice } from './devices.ts'
import {
  createProject,
  deleteProject,
  findProject,
  findProjectByName,
  findProjectByUuid,
  findProjectsByIds,
  listProjects,
  updateProject,
} from './projects.ts'
import { createVariable } from './variables.ts'

async function openOrg() {
  const db = await openTestCatalog()
  const { account, org, project } = await addOwner(db, 'rick')
  const by = { created_by: account.id, created_at_us: 0 }
  const add = (name: string, more: { id?: number; uuid?: string } = {}) =>
    createProject(db, { org_id: org.id, name, ...by, ...more })
  return { db, account, org, project, by, add }
}

describe('createProject', () => {
  it('numbers projects from 1 and steps over numbers that were chosen', async () => {
    const { project, add } = await openOrg()
    expect(project.id).toBe(1)
    await add('chosen', { id: 2 })
    await add('chosen', { id: 3 })
    await add('chosen', { id: 5 })
    expect((await add('next')).id).toBe(4)
    expect((await add('next')).id).toBe(6)
  })

  it('takes numbers of 32 bits', async () => {
    const { add } = await openOrg()
    expect((await add('last', { id: 0xffff_ffff })).id).toBe(0xffff_ffff)
    for (const id of [0, -1, 1.5, 0x1_0000_0000]) {
      await expect(add('bad', { id }), `${id}`).rejects.toThrow(InvalidError)
    }
    expect((await add('next')).id).toBe(2)
  })

  it('says so when the numbers are used up', async () => {
    const { db, add } = await openOrg()
    await add('last', { id: 0xffff_ffff })
    await reserveId(db, 'project', 0xffff_fffe)
    await expect(add('one more')).rejects.toThrow(TooLargeError)
  })

  it('refuses a number or UUID that is taken', async () => {
    const { project, add } = await openOrg()
    await expect(add('again', { id: project.id })).rejects.toThrow(ConflictError)
    await expect(add('again', { uuid: project.uuid.toUpperCase() })).rejects.toThrow(ConflictError)
    expect((await add('other')).id).toBe(2)
  })
})

it('finds a project by number, UUID and name; of two of one name the older', async () => {
  const { db, org, project, add } = await openOrg()
  const second = await add('Garden', { uuid: '1C07FDD0-3FAD-4549-BD56-5AF2ACA18D5B' })
  expect(await findProject(db, second.id)).toEqual(second)
  expect(await findProjectByUuid(db, '1c07fdd0-3fad-4549-bd56-5af2aca18d5B')).toEqual(second)
  expect(await findProjectByName(db, { orgId: org.id, name: 'Garden' })).toEqual(project)
  expect(await findProjectByName(db, { orgId: 'none', name: 'Garden' })).toBeUndefined()
  expect(await findProjectsByIds(db, [second.id, 99])).toEqual([second])
  expect(await findProjectsByIds(db, [])).toEqual([])
})

it('lists what is in sight, by name', async () => {
  const { db, account, org, project, add } = await openOrg()
  const other = await addOwner(db, 'morty')
  await add('Attic')
  const list = async (options: Parameters<typeof listProjects>[1]) =>
    (await listProjects(db, options, FIRST_PAGE)).rows.map(({ id, name }) => `${name} ${id}`)
  expect(await list({ sight: {} })).toEqual(['Attic 3', 'Garden 1', 'Garden 2'])
  expect(await list({ sight: { memberId: account.id } })).toEqual(['Attic 3', 'Garden 1'])
  expect(await list({ sight: { memberId: other.account.id } })).toEqual(['Garden 2'])
  expect(await list({ sight: { projectId: project.id } })).toEqual(['Garden 1'])
  expect(await list({ sight: { projectId: project.id }, filter: { name: 'Attic' } })).toEqual([])
  expect(await list({ sight: {}, filter: { orgId: org.id, name: 'Garden' } })).toEqual(['Garden 1'])
  expect(await list({ sight: { memberId: account.id }, filter: { orgId: other.org.id } })).toEqual([])
  const page = await listProjects(db, { sight: {} }, { limit: 1, offset: 1 })
  expect([page.count, page.rows[0].id]).toEqual([3, 1])
})

it('changes what is given', async () => {
  const { db, project } = await openOrg()
  expect(await updateProject(db, project.id, { about: 'beds' })).toEqual({ ...project, about: 'beds' })
  expect(await updateProject(db, project.id, {})).toEqual({ ...project, about: 'beds' })
  await expect(updateProject(db, 99, {})).rejects.toThrow(NotFoundError)
})

it('deletes a project with its variables, but not one with devices', async () => {
  const { db, project, by } = await openOrg()
  await createVariable(db, { project_id: project.id, name: 'temp', ...by })
  const device = await createDevice(db, { project_id: project.id, ...by })
  await expect(deleteProject(db, project.id)).rejects.toThrow(ConflictError)
  await deleteDevice(db, device.id)
  await deleteProject(db, project.id)
  expect(await findProject(db, project.id)).toBeUndefined()
  await expect(deleteProject(db, project.id)).rejects.toThrow(NotFoundError)
})
