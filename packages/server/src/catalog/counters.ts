/** Small integer ids, handed out inside the caller's transaction, so that a rolled-back one leaves no gap. */
import type { CatalogDb } from './schema.ts'

export type CounterName =
  | 'account'
  | 'project'
  | 'device'
  | 'stream'
  | 'consumpdata'
  | 'event'
  | 'property'
  | 'datablock'
  | 'sensor_graph'
  | 'device_template'
  | 'fleet'
  | 'ota_script'
  | 'ota_request'
  | 'ota_action'
  | 'ota_version'
  | 'series'
  | 'series_point'
  | 'package'
  | 'package_tag'
  | 'package_file'
  | 'command'
  | 'rollout'
  | 'streamer'
  | 'reading'

/** Takes `count` ids in a row; returns the first. Ids start at 1. */
export async function takeIds(db: CatalogDb, name: CounterName, count = 1): Promise<number> {
  const row = await db
    .updateTable('counters')
    .set((eb) => ({ last_id: eb('last_id', '+', count) }))
    .where('name', '=', name)
    .returning('last_id')
    .executeTakeFirstOrThrow()
  return row.last_id - count + 1
}

/** Makes sure that `id`, chosen by someone else, is never handed out again. */
export async function reserveId(db: CatalogDb, name: CounterName, id: number): Promise<void> {
  await db
    .updateTable('counters')
    .set({ last_id: id })
    .where('name', '=', name)
    .where('last_id', '<', id)
    .execute()
}

/** Takes ids back that were handed out last and that nobody has used; once others were handed out, they stay. */
export async function giveBackIds(
  db: CatalogDb,
  name: CounterName,
  { first, end }: { first: number; end: number },
): Promise<void> {
  await db
    .updateTable('counters')
    .set({ last_id: first - 1 })
    .where('name', '=', name)
    .where('last_id', '=', end - 1)
    .execute()
}
