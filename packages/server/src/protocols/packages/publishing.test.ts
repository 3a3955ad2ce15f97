import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addAccount, openTestCatalog } from '../../catalog/catalog.fixture.ts'
import { publishTag } from '../../catalog/publish-tag.ts'
import { deleteTag } from '../../catalog/tag-changes.ts'
import type { PackagesConfig } from '../../config.ts'
import { tagOfPath } from './lookup.ts'
import { openPackagesBench, upload } from './packages.fixture.ts'

/** Two users and the administrator, and short ways to publish and to delete. */
async function openUsers(changes: Partial<PackagesConfig>) {
  const bench = await openPackagesBench(onTestFinished, changes)
  const tokens = {
    summer: await bench.user('summer'),
    beth: await bench.user('beth'),
    admin: await bench.getToken('admin', 'correct horse'),
  }
  type Name = keyof typeof tokens
  return {
    ...bench,
    push: async (name: Name, path: string, content = 'x', method: 'POST' | 'PUT' = 'POST') => {
      const fileName = `${path.replace(/\W/g, '_')}.bin`
      const { status, text } = await bench.form(`/packages/${path}`, upload({}, fileName, content), {
        token: tokens[name],
        method,
      })
      return status === 200 ? 'ok' : `${status} ${JSON.parse(text).message}`
    },
    remove: async (name: Name, path: string) =>
      (await bench.ask(`/packages/${path}`, { method: 'DELETE', token: tokens[name] })).status,
    tags: async (title: string) => {
      const { text } = await bench.ask(`/packages/${title}`, { token: tokens.admin })
      return (JSON.parse(text) as { tag: string }[]).map(({ tag }) => tag)
    },
  }
}

describe('who may publish and delete', () => {
  it('is everybody and the owners, by default', async () => {
    const { push, remove, tags } = await openUsers({})
    expect(await push('summer', 'p/1')).toBe('ok')
    expect(await push('beth', 'p/2')).toBe('ok')
    expect(await push('beth', 'p/1', 'y', 'PUT')).toBe('403 tag belongs to another user')
    expect(await remove('beth', 'p/1')).toBe(403)
    expect(await remove('beth', 'p/2')).toBe(204)
    expect(await push('beth', 'p/2')).toBe('ok')
    expect(await push('summer', 'p/2', 'y', 'PUT')).toBe('ok')
    expect(await remove('summer', 'p/2')).toBe(204)
    expect(await remove('summer', 'p')).toBe(409)
    expect(await remove('admin', 'p/1')).toBe(204)
    expect(await tags('p')).toEqual([])
    expect(await remove('beth', 'p')).toBe(403)
    expect(await remove('summer', 'p')).toBe(204)
    expect(await remove('summer', 'p')).toBe(404)
  })

  it('is the owner of a package and staff, with that setting', async () => {
    const { push } = await openUsers({ publishing: 'owner' })
    expect(await push('summer', 'p/1')).toBe('ok')
    expect(await push('beth', 'p/2')).toBe('403 package belongs to another user')
    expect(await push('summer', 'p/2')).toBe('ok')
    expect(await push('admin', 'p/3')).toBe('ok')
  })
})

describe('quotas', () => {
  it('bound the bytes of an account, not those of staff', async () => {
    const { push, remove } = await openUsers({ quotaBytes: 10 })
    expect(await push('summer', 'p/1', '123456')).toBe('ok')
    expect(await push('summer', 'p/2', '12345')).toMatch(
      /^413 file is too large for what is left \(4 bytes\)/,
    )
    expect(await push('beth', 'p/2', '1234567890')).toBe('ok')
    expect(await push('admin', 'p/3', 'x'.repeat(50))).toBe('ok')
    expect(await push('summer', 'p/4', '1234')).toBe('ok')
    expect(await push('summer', 'p/5', '1')).toMatch(/^413 /)
    expect(await remove('summer', 'p/1')).toBe(204)
    expect(await push('summer', 'p/5', '123456')).toBe('ok')
  })

  it('bound tags and packages', async () => {
    const { push, tags } = await openUsers({ quotaTags: 2 })
    expect(await push('summer', 'a/1')).toBe('ok')
    expect(await push('summer', 'b/1')).toBe('ok')
    expect(await push('summer', 'a/2')).toMatch(/^413 quota of 2 tags per user is used up; delete old tags/)
    expect(await push('summer', 'c/1')).toMatch(/^413 quota of 2 packages/)
    expect(await tags('a')).toEqual(['1'])
  })

  it('count bytes that were taken for nothing, for an hour', async () => {
    const { form, user, clock } = await openUsers({ quotaBytes: 100 })
    const token = await user('jerry')
    // The parameters come last, so that nobody knows before that they are bad.
    const parts = upload('no object', 'a.bin', 'x'.repeat(60)).reverse()
    const statusOf = async () => (await form('/packages/p/1', parts, { token })).status
    expect([await statusOf(), await statusOf()]).toEqual([400, 413])
    clock.advance(3_600_000_000)
    expect(await statusOf()).toBe(400)
  })
})

describe('retention', () => {
  it("keeps the newest of an account's own tags in a package", async () => {
    const { push, tags } = await openUsers({ tagsKept: 2 })
    for (const path of ['p/1', 'p/2', 'q/1', 'p/3']) expect(await push('summer', path)).toBe('ok')
    expect(await push('beth', 'p/4')).toBe('ok')
    expect(await tags('p')).toEqual(['2', '3', '4'])
    expect(await tags('q')).toEqual(['1'])
    // What is gone leaves its names free, and its ids used.
    expect(await push('summer', 'p/1')).toBe('ok')
    expect(await tags('p')).toEqual(['3', '4', '1'])
  })

  it('and deletion leave tags that something is assigned to', async () => {
    const db = await openTestCatalog()
    await sql`create table assignments (tag_id integer)`.execute(db)
    const references = [{ table: 'assignments', column: 'tag_id' }]
    const { id: accountId } = await addAccount(db, 'rick')
    const publisher = { accountId, isStaff: false }
    const quota = { packages: 10, tags: 10, files: 10, bytes: 1_000 }
    const policy = { isOwnerOnly: false, tagsKept: 1, quota, references }
    const publish = (tag: string, isReplacing = false) => {
      const file = { name: `${tag}.bin`, media_type: 'x/y', size_bytes: 1, sha256: tag, md5: tag }
      const publication = { packageTitle: 'p', tag, publisher, files: [file], isReplacing, nowUs: 0 }
      return publishTag(db, publication, policy)
    }
    const { tagId } = await publish('1')
    await sql`insert into assignments values (${tagId}), (null)`.execute(db)
    await publish('2')
    await publish('3')
    const rows = await db.selectFrom('package_tags').select('tag').orderBy('id').execute()
    expect(rows.map(({ tag }) => tag)).toEqual(['1', '3'])
    await expect(publish('1', true)).rejects.toThrow('tag is assigned to devices')
    const found = await tagOfPath(db, { package: 'p', tag: '1' })
    await expect(deleteTag(db, { publisher, ...found, references })).rejects.toThrow('tag is assigned')
    await sql`delete from assignments`.execute(db)
    await deleteTag(db, { publisher, ...found, references })
    expect(await db.selectFrom('package_files').select('name').execute()).toEqual([{ name: '3.bin' }])
  })
})
