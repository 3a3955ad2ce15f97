import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { updateAccount } from '../catalog/accounts.ts'
import { addOwner } from '../catalog/catalog.fixture.ts'
import { claimDevice, createDevice, unclaimDevice } from '../catalog/devices.ts'
import { findTokenByHash, revokeToken } from '../catalog/tokens.ts'
import { ForbiddenError, InvalidError } from '../errors.ts'
import { callerFor, openTestAccess } from './access.fixture.ts'
import { ALL_SCOPES, parseScopes, type Scope } from './caller.ts'
import { type RefusalReason, RefusedError } from './refusal.ts'
import {
  type IssueToken,
  isRandomToken,
  issueApiToken,
  issueToken,
  resolveToken,
  type TokenLimit,
} from './tokens.ts'

async function openTokens() {
  const access = await openTestAccess()
  const { db, clock, account, project } = access
  const issue = (more: Partial<IssueToken> = {}) =>
    issueToken(db, {
      accountId: account.id,
      kind: 'api',
      name: 'n',
      scopes: parseScopes('read write'),
      nowUs: clock.nowUs(),
      ...more,
    })
  const resolve = (text: string) => resolveToken(db, { text, nowUs: clock.nowUs() })
  const refused = async (text: string, reason: RefusalReason) => {
    const error = await resolve(text).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(RefusedError)
    expect((error as RefusedError).reason).toBe(reason)
  }
  const addDevice = () =>
    createDevice(db, { project_id: project.id, created_by: account.id, created_at_us: 0 })
  return { ...access, issue, resolve, refused, addDevice }
}

describe('issueToken', () => {
  it('makes 32 random bytes and keeps only their hash', async () => {
    const { db, issue } = await openTokens()
    const { text, row } = await issue()
    expect(text).toMatch(/^sonde_[\w-]{43}$/)
    expect(row.hash).toBe(createHash('sha256').update(text).digest('hex'))
    expect(JSON.stringify(await db.selectFrom('tokens').selectAll().execute())).not.toContain(text)
    expect((await issue()).text).not.toBe(text)
  })

  it('tells random tokens from chosen ones', async () => {
    const { issue } = await openTokens()
    expect(isRandomToken((await issue()).text)).toBe(true)
    for (const text of ['', 'sonde_', 'sonde_secret', `x${'a'.repeat(48)}`, `sonde_${'a'.repeat(44)}`]) {
      expect(isRandomToken(text), text).toBe(false)
    }
  })
})

describe('resolveToken', () => {
  it('says who calls, with what', async () => {
    const { account, issue, resolve } = await openTokens()
    const { text, row } = await issue()
    expect(await resolve(text)).toEqual({
      caller: {
        accountId: account.id,
        username: 'rick',
        isStaff: false,
        scopes: new Set<Scope>(['read', 'write']),
        credential: { kind: 'token', id: row.id, tokenKind: 'api' },
      },
      expiresAtUs: null,
    })
  })

  it('tells unknown from expired and revoked, in the same words', async () => {
    const { db, clock, account, issue, resolve, refused } = await openTokens()
    const { text, row } = await issue({ expiresAtUs: clock.nowUs() + 10 })
    await refused('sonde_none', 'token_unknown')
    clock.advance(9)
    await resolve(text)
    clock.advance(1)
    await refused(text, 'token_expired')
    await revokeToken(db, { id: row.id, accountId: account.id, nowUs: clock.nowUs() })
    await refused(text, 'token_revoked')
    for (const other of [text, 'sonde_none']) await expect(resolve(other)).rejects.toThrow('Invalid token.')
  })

  it('refuses tokens of accounts that are not active', async () => {
    const { db, account, issue, refused } = await openTokens()
    const { text } = await issue()
    await updateAccount(db, { id: account.id, nowUs: 0 }, { is_active: 0 })
    await refused(text, 'inactive')
  })

  it('notes the use', async () => {
    const { db, clock, issue, resolve } = await openTokens()
    const { text, row } = await issue()
    await resolve(text)
    expect(await findTokenByHash(db, row.hash)).toMatchObject({ last_used_at_us: clock.nowUs() })
  })

  it('says where the limit lies, also after the device has moved', async () => {
    const { db, account, org, project, issue, resolve, addDevice } = await openTokens()
    const limitOf = async (text: string) => (await resolve(text)).caller.limit
    const device = await addDevice()
    const limited = async (limit: TokenLimit) => (await issue({ limit })).text
    expect(await limitOf(await limited({ orgId: org.id }))).toEqual({ orgId: org.id })
    expect(await limitOf(await limited({ projectId: project.id }))).toEqual({
      orgId: org.id,
      projectId: project.id,
    })
    const text = await limited({ deviceId: device.id })
    expect(await limitOf(text)).toEqual({ orgId: org.id, projectId: project.id, deviceId: device.id })
    await unclaimDevice(db, device.id)
    expect(await limitOf(text)).toEqual({ orgId: null, deviceId: device.id })
    const other = await addOwner(db, 'morty')
    const claim = { id: device.id, projectId: other.project.id, accountId: account.id, nowUs: 0 }
    await claimDevice(db, claim)
    expect(await limitOf(text)).toMatchObject({ orgId: other.org.id, projectId: other.project.id })
  })
})

describe('issueApiToken', () => {
  it('makes a token of the caller', async () => {
    const { db, clock, account, resolve } = await openTokens()
    const caller = callerFor(account)
    const { text } = await issueApiToken(db, caller, {
      name: 'ci',
      scopes: parseScopes('read'),
      nowUs: clock.nowUs(),
    })
    expect((await resolve(text)).caller).toMatchObject({ accountId: account.id, scopes: new Set(['read']) })
  })

  it('makes none that can do more than the caller', async () => {
    const { db, clock, account, org, project, addDevice } = await openTokens()
    const other = await addOwner(db, 'morty')
    const device = await addDevice()
    const asking = (scopes: string, limit: TokenLimit | undefined, callerMore: object) =>
      issueApiToken(db, callerFor(account, callerMore), {
        name: '',
        scopes: parseScopes(scopes),
        nowUs: clock.nowUs(),
        ...(limit === undefined ? {} : { limit }),
      })
    const inProject = { limit: { orgId: org.id, projectId: project.id } }
    await expect(asking('read', undefined, { scopes: parseScopes('read') })).rejects.toThrow(ForbiddenError)
    await expect(asking('write', undefined, { scopes: parseScopes('read admin') })).rejects.toThrow(
      ForbiddenError,
    )
    await expect(asking('read', undefined, inProject)).rejects.toThrow(ForbiddenError)
    await expect(asking('read', { orgId: org.id }, inProject)).rejects.toThrow(ForbiddenError)
    await expect(asking('read', { orgId: other.org.id }, {})).rejects.toThrow(InvalidError)
    await expect(asking('read', { projectId: other.project.id }, {})).rejects.toThrow(InvalidError)
    await expect(asking('read', { projectId: 99 }, {})).rejects.toThrow(InvalidError)
    await expect(asking('', undefined, {})).rejects.toThrow(InvalidError)
    expect((await asking('read', { deviceId: device.id }, inProject)).row.device_id).toBe(device.id)
    expect((await asking('read', { projectId: project.id }, inProject)).row.project_id).toBe(project.id)
    expect((await asking('read', { orgId: org.id }, {})).row.org_id).toBe(org.id)
  })

  it('makes none that has expired already', async () => {
    const { db, clock, account } = await openTokens()
    const nowUs = clock.nowUs()
    const asking = (expiresAtUs: number) =>
      issueApiToken(db, callerFor(account), { name: '', scopes: ALL_SCOPES, expiresAtUs, nowUs })
    await expect(asking(nowUs)).rejects.toThrow(InvalidError)
    expect((await asking(nowUs + 1)).row.expires_at_us).toBe(nowUs + 1)
  })
})
