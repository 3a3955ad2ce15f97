/** Statements about many keys or rows at once. */

/** Small enough for SQLite's 32,766 parameters, also when each of the items is a row of 25 columns. */
const CHUNK_ITEMS_MAX = 500

/** Runs `execute` on one piece of the items after the other; a repeated item counts once. */
export async function inChunks<Item, Row>(
  items: Iterable<Item>,
  execute: (chunk: Item[]) => Promise<Row[]>,
  { itemsMax = CHUNK_ITEMS_MAX }: { itemsMax?: number } = {},
): Promise<Row[]> {
  const distinct = [...new Set(items)]
  const rows: Row[] = []
  for (let start = 0; start < distinct.length; start += itemsMax) {
    for (const row of await execute(distinct.slice(start, start + itemsMax))) rows.push(row)
  }
  return rows
}
