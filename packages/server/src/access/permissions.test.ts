import { describe, expect, it } from 'vitest'
import { addAccount, addOwner, FIRST_PAGE } from '../catalog/catalog.fixture.ts'
import { listDevices } from '../catalog/devices.ts'
import { addMember, type Role } from '../catalog/members.ts'
import { ForbiddenError, NotFoundError } from '../errors.ts'
import { callerFor, openTestAccess } from './access.fixture.ts'
import type { Caller, CallerLimit, Scope } from './caller.ts'
import {
  hasPermission,
  requirePermission,
  requireStaff,
  requireWholeAccount,
  sightOf,
} from './permissions.ts'
import type { Permission } from './roles.ts'

async function openOrg() {
  const access = await openTestAccess()
  const staff = await addAccount(access.db, 'staff', { is_staff: 1 })
  const stranger = await addAccount(access.db, 'stranger')
  const owner = callerFor(access.account)
  const target = { orgId: access.org.id, projectId: 5, deviceId: 10 }
  const asks = (caller: Caller, permission: Permission, more: Partial<typeof target> = {}) =>
    requirePermission(access.memberships, caller, permission, { ...target, ...more })
  return { ...access, owner, staff: callerFor(staff), stranger: callerFor(stranger), target, asks }
}

describe('requirePermission', () => {
  it('allows members what their role is for', async () => {
    const { db, org, asks } = await openOrg()
    const member = async (role: Role) => {
      const account = await addAccount(db, `member-${role}`)
      await addMember(db, { orgId: org.id, accountId: account.id, role, nowUs: 0 })
      return callerFor(account)
    }
    const operator = await member('r1')
    await asks(operator, 'write_data')
    await expect(asks(operator, 'read_data')).rejects.toThrow(ForbiddenError)
    const support = await member('s0')
    await asks(support, 'read_data')
    await expect(asks(support, 'manage_org')).rejects.toThrow(ForbiddenError)
  })

  it('does not tell strangers that an organisation exists', async () => {
    const { stranger, owner, asks } = await openOrg()
    await expect(asks(stranger, 'view')).rejects.toThrow(NotFoundError)
    await expect(asks(owner, 'view', { orgId: 'none' })).rejects.toThrow(NotFoundError)
  })

  it('does not hold staff to roles', async () => {
    const { memberships, staff, stranger, asks } = await openOrg()
    await asks(staff, 'manage_ota')
    await requirePermission(memberships, staff, 'modify_device', { orgId: null, deviceId: 10 })
    const unclaimed = requirePermission(memberships, stranger, 'view', { orgId: null, deviceId: 10 })
    await expect(unclaimed).rejects.toThrow(NotFoundError)
  })

  it('holds owners and staff to the scopes of their token', async () => {
    const { owner, staff, asks } = await openOrg()
    const allows = async (scopes: Scope[], permission: Permission, isAllowed: boolean) => {
      for (const caller of [owner, staff]) {
        const asking = asks({ ...caller, scopes: new Set(scopes) }, permission)
        if (isAllowed) await asking
        else await expect(asking, `${scopes} ${permission}`).rejects.toThrow(ForbiddenError)
      }
    }
    await allows(['read'], 'read_data', true)
    await allows(['read'], 'write_data', false)
    await allows(['write'], 'write_data', true)
    await allows(['write'], 'read_data', false)
    await allows(['write'], 'provision', false)
    await allows(['provision'], 'claim_device', true)
    await allows(['read', 'write', 'provision'], 'manage_org', false)
    await allows(['admin'], 'manage_org', true)
    await allows([], 'view', false)
  })

  it('holds everybody to the limit of their token', async () => {
    const { memberships, org, owner, staff } = await openOrg()
    const allows = async (limit: CallerLimit, permission: Permission, target: object, isAllowed: boolean) => {
      for (const caller of [owner, staff]) {
        const limited = { ...caller, limit }
        const answer = await hasPermission(memberships, limited, permission, { orgId: org.id, ...target })
        expect(answer, JSON.stringify([limit, permission, target])).toBe(isAllowed)
      }
    }
    const inOrg = { orgId: org.id }
    await allows(inOrg, 'manage_org', {}, true)
    await allows({ orgId: 'other' }, 'view', {}, false)
    await allows({ orgId: null }, 'view', {}, false)

    const inProject = { ...inOrg, projectId: 5 }
    await allows(inProject, 'write_data', { projectId: 5 }, true)
    await allows(inProject, 'write_data', { projectId: 5, deviceId: 10 }, true)
    await allows(inProject, 'write_data', { projectId: 6 }, false)
    await allows(inProject, 'view', { projectId: 6 }, false)
    await allows(inProject, 'view', {}, true)
    await allows(inProject, 'manage_org', {}, false)

    const inDevice = { ...inProject, deviceId: 10 }
    await allows(inDevice, 'write_data', { projectId: 5, deviceId: 10 }, true)
    await allows(inDevice, 'write_data', { projectId: 5, deviceId: 11 }, false)
    await allows(inDevice, 'write_data', { projectId: 6, deviceId: 10 }, false)
    await allows(inDevice, 'write_data', { projectId: 5 }, false)
    await allows(inDevice, 'view', { projectId: 5 }, true)
    await allows(inDevice, 'view', { projectId: 5, deviceId: 11 }, false)
  })
})

it('asks for the whole account where only that will do', async () => {
  const { owner, staff, org } = await openOrg()
  const limit = { orgId: org.id }
  const forbidden = (ask: () => void) => expect(ask).toThrow(ForbiddenError)
  requireWholeAccount(owner)
  forbidden(() => requireWholeAccount({ ...owner, limit }))
  forbidden(() => requireWholeAccount({ ...owner, scopes: new Set(['read', 'write', 'provision']) }))
  requireStaff(staff)
  forbidden(() => requireStaff(owner))
  forbidden(() => requireStaff({ ...staff, limit }))
  forbidden(() => requireStaff({ ...staff, scopes: new Set(['read']) }))
})

describe('sightOf', () => {
  it('shows members their organisations, and staff all of them when they ask', async () => {
    const { owner, staff } = await openOrg()
    expect(sightOf(owner)).toEqual({ memberId: owner.accountId })
    expect(sightOf(owner, { asStaff: true })).toEqual({ memberId: owner.accountId })
    expect(sightOf(staff)).toEqual({ memberId: staff.accountId })
    expect(sightOf(staff, { asStaff: true })).toEqual({})
    expect(() => sightOf({ ...owner, scopes: new Set(['write']) })).toThrow(ForbiddenError)
  })

  it('ends at the limit of a token, also for staff', async () => {
    const { db, staff, org } = await openOrg()
    const limit = { orgId: org.id, projectId: 5, deviceId: 10 }
    expect(sightOf({ ...staff, limit }, { asStaff: true })).toEqual(limit)
    await addOwner(db, 'morty')
    const sight = sightOf({ ...staff, limit: { orgId: null, deviceId: 10 } }, { asStaff: true })
    expect(await listDevices(db, { sight }, FIRST_PAGE)).toEqual({ count: 0, rows: [] })
  })
})
