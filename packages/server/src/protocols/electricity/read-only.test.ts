import { expect, it } from 'vitest'
import { temporaryPath } from '../../catalog/catalog.fixture.ts'
import { migrate } from '../../catalog/migrate.ts'
import { openSqlite, openSqliteReadOnly } from '../../catalog/open-sqlite.ts'
import { UnavailableError } from '../../errors.ts'
import { checkReadOnly } from './read-only.ts'

it('accepts a connection that refuses changes, and no other', async () => {
  const path = await temporaryPath()
  const db = openSqlite(path)
  await migrate(db, { programVersion: '0.0.0', nowUs: 0 })
  const readOnly = openSqliteReadOnly(path)
  await checkReadOnly(readOnly)
  await expect(checkReadOnly(db)).rejects.toThrow(UnavailableError)
  await readOnly.destroy()
  await db.destroy()
})
