import { expect, it } from 'vitest'
import { ROLES } from '../catalog/members.ts'
import { can, PERMISSIONS, type Permission } from './roles.ts'

it('lets each role do what it is for', () => {
  const seen = new Set<Permission>()
  const allows = (permission: Permission, roles: string) => {
    seen.add(permission)
    expect(ROLES.filter((role) => can(role, permission)).join(' '), permission).toBe(roles)
  }
  allows('view', 'a0 a1 m1 r1 d1 s0')
  allows('read_data', 'a0 a1 m1 d1 s0')
  allows('write_data', 'a0 a1 m1 r1 d1 s0')
  allows('delete_data', 'a0 a1 d1')
  allows('provision', 'a0 a1 d1')
  allows('claim_device', 'a0 a1 d1')
  allows('control_device', 'a0 a1 m1 d1 s0')
  allows('modify_device', 'a0 a1 m1 d1 s0')
  allows('manage_org', 'a0 a1 d1')
  allows('create_stream', 'd1 s0')
  allows('create_archive', 'a0 a1 d1')
  allows('create_report', 'a0 a1 d1')
  allows('manage_ota', 'd1 s0')
  expect([...seen]).toEqual(PERMISSIONS)
})
