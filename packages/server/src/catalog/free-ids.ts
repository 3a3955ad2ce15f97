/**
 * Numbers for projects, devices and fleets. People may choose them too (hardware has its number printed on it),
 * anywhere in the range, so the counter steps over whatever is taken.
 */
import { sql } from 'kysely'
import { InvalidError, TooLargeError } from '../errors.ts'
import { reserveId, takeIds } from './counters.ts'
import type { CatalogDb } from './schema.ts'

const KINDS = {
  project: { table: 'projects', idMax: 2 ** 32 - 1 },
  device: { table: 'devices', idMax: 2 ** 48 - 1 },
  fleet: { table: 'fleets', idMax: 2 ** 48 - 1 },
} as const

/**
 * The next number that nobody has; call it in the transaction that uses it.
 * @throws {TooLargeError} all of them are used up.
 */
export async function takeFreeId(db: CatalogDb, kind: keyof typeof KINDS): Promise<number> {
  const { table, idMax } = KINDS[kind]
  const next = await takeIds(db, kind)
  const taken = await db.selectFrom(table).select('id').where('id', '=', next).executeTakeFirst()
  const id = taken === undefined ? next : await firstGap(db, { table, from: next })
  if (id > idMax) throw new TooLargeError(`Every ${kind} number up to ${idMax} is used up`)
  if (id !== next) await reserveId(db, kind, id)
  return id
}

/** As `takeFreeId`, for many at once. */
export async function takeFreeIds(db: CatalogDb, kind: keyof typeof KINDS, count: number): Promise<number[]> {
  const { table, idMax } = KINDS[kind]
  const first = await takeIds(db, kind, count)
  const end = first + count
  const rows = await db
    .selectFrom(table)
    .select('id')
    .where('id', '>=', first)
    .where('id', '<', end)
    .execute()
  const taken = new Set(rows.map(({ id }) => id))
  const ids = Array.from({ length: count }, (_, i) => first + i).filter((id) => !taken.has(id))
  if (end - 1 > idMax) throw new TooLargeError(`Every ${kind} number up to ${idMax} is used up`)
  while (ids.length < count) ids.push(await takeFreeId(db, kind))
  return ids
}

/** @throws {InvalidError} a number that a person chose is out of range. */
export function checkChosenId(kind: keyof typeof KINDS, id: number): void {
  const { idMax } = KINDS[kind]
  if (Number.isInteger(id) && id >= 1 && id <= idMax) return
  throw InvalidError.field('id', `A ${kind} number is a whole number from 1 to ${idMax}`)
}

/** One more than the end of the run of taken numbers that begins at `from`. */
async function firstGap(
  db: CatalogDb,
  { table, from }: { table: (typeof KINDS)[keyof typeof KINDS]['table']; from: number },
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select taken.id
    from ${sql.table(table)} as taken
    where taken.id >= ${from}
      and not exists (select 1 from ${sql.table(table)} as following where following.id = taken.id + 1)
    order by taken.id
    limit 1
  `.execute(db)
  return rows[0].id + 1
}
