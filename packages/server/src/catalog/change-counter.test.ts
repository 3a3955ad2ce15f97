import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { recordAudit } from './audit.ts'
import { addAccount, addOwner, openTestCatalog } from './catalog.fixture.ts'
import { createDevice, deleteDevice, findDevice, updateDevice } from './devices.ts'
import { inTransaction } from './in-transaction.ts'
import { addMember, changeMember, removeMember } from './members.ts'
import { updateProject } from './projects.ts'
import { setSetting } from './settings.ts'
import { createStream, deleteStream, updateStream } from './streams.ts'
import { createToken, touchToken } from './tokens.ts'
import { createVariable, deleteVariable, updateVariable } from './variables.ts'

async function openHouse() {
  const db = await openTestCatalog()
  const { account, org, project } = await addOwner(db, 'rick')
  const by = { created_by: account.id, created_at_us: 0 }
  const device = await createDevice(db, { project_id: project.id, label: 'south', ...by })
  const variable = await createVariable(db, { project_id: project.id, name: 'temperature', ...by })
  const place = { project_id: project.id, device_id: device.id, variable_lid: variable.lid }
  const stream = await createStream(db, { ...place, is_registered: 1, ...by })
  const token = await createToken(db, {
    account_id: account.id,
    kind: 'api',
    name: 'probe',
    hash: 'h',
    scopes: 'read',
    created_at_us: 0,
    expires_at_us: null,
  })
  return { db, account, org, project, device, variable, stream, token, by }
}

type House = Awaited<ReturnType<typeof openHouse>>

const CHANGES: readonly [string, (house: House) => Promise<unknown>][] = [
  ['a new device', ({ db, by }) => createDevice(db, by)],
  ['a device renamed', ({ db, device }) => updateDevice(db, device.id, { label: 'north' })],
  ['a device deleted', async ({ db, by }) => deleteDevice(db, (await createDevice(db, by)).id)],
  ['a project renamed', ({ db, project }) => updateProject(db, project.id, { name: 'Roof' })],
  [
    'a variable renamed',
    ({ db, project, variable: { lid } }) =>
      updateVariable(db, { projectId: project.id, lid }, { name: 'humidity' }),
  ],
  ['a stream disabled', ({ db, stream }) => updateStream(db, stream.id, { enabled: 0 })],
  ['a stream deleted', ({ db, stream }) => deleteStream(db, stream.id)],
  [
    'a variable deleted',
    async ({ db, project, by }) => {
      const { lid } = await createVariable(db, { project_id: project.id, name: 'x', ...by })
      await deleteVariable(db, { projectId: project.id, lid })
    },
  ],
  ['a statement that is not understood', ({ db }) => sql`update members set role = 'r1'`.execute(db)],
  [
    'a change in a transaction',
    ({ db, device }) => inTransaction(db, (db) => updateDevice(db, device.id, { label: 'west' })),
  ],
]

describe('the count of changes', () => {
  it.each(CHANGES)('moves with %s', async (_, change) => {
    const house = await openHouse()
    const before = house.db.changes.count
    await change(house)
    expect(house.db.changes.count).toBeGreaterThan(before)
  })

  it('moves with each step of a membership', async () => {
    const { db, org } = await openHouse()
    const key = { orgId: org.id, accountId: (await addAccount(db, 'morty')).id }
    const counts = [db.changes.count]
    await addMember(db, { ...key, role: 'r1', nowUs: 0 })
    counts.push(db.changes.count)
    await changeMember(db, key, { is_active: 0 })
    counts.push(db.changes.count)
    await removeMember(db, key)
    counts.push(db.changes.count)
    expect(new Set(counts).size).toBe(4)
  })

  it('stands still for reads and for what is written all the time', async () => {
    const { db, device, token } = await openHouse()
    const before = db.changes.count
    await findDevice(db, device.id)
    await touchToken(db, token, 1e15)
    await setSetting(db, { name: 'a', value: 'b' })
    await recordAudit(db, { at_us: 0, account_id: null, action: 'delete', target: 's', detail: '' })
    expect(db.changes.count).toBe(before)
  })

  it('has not moved for others before the change can be read', async () => {
    const { db, device } = await openHouse()
    const before = db.changes.count
    const changing = updateDevice(db, device.id, { label: 'east' })
    expect(db.changes.count).toBe(before)
    await changing
    expect(db.changes.count).toBe(before + 1)
  })
})
