/** Which rows need a tag of a package. A tag that one of these columns names is neither deleted nor replaced. */
import { sql } from 'kysely'
import { inChunks } from './in-chunks.ts'
import type { CatalogDb } from './schema.ts'

export interface TagReference {
  readonly table: string
  /** Holds the id of a tag, or null; has an index. */
  readonly column: string
}

/** In the order of their tables' migrations; whoever adds a table that assigns tags adds its columns. */
export const TAG_REFERENCES: readonly TagReference[] = [
  { table: 'rollouts', column: 'tag_id' },
  { table: 'rollouts', column: 'rollback_tag_id' },
  { table: 'rollout_devices', column: 'previous_tag_id' },
  { table: 'device_firmware', column: 'tag_id' },
]

/** Those of the tags that some row names. */
export async function findNamedTags(
  db: CatalogDb,
  tagIds: readonly number[],
  references: readonly TagReference[] = TAG_REFERENCES,
): Promise<Set<number>> {
  const named = new Set<number>()
  for (const { table, column } of references) {
    const rows = await inChunks(tagIds, async (chunk) => {
      const found = sql<{ id: number }>`
        select distinct ${sql.ref(column)} as id from ${sql.table(table)}
        where ${sql.ref(column)} in (${sql.join(chunk)})`
      return (await found.execute(db)).rows
    })
    for (const { id } of rows) named.add(id)
  }
  return named
}
