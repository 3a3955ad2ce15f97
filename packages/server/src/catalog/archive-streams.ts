/**
 * Puts what a device has measured away without touching a point: the stream gives its number, under which
 * the points are kept, to the archive, and the device gets a new stream in its place.
 */
import { takeIds } from './counters.ts'
import { orderedUuid } from './ordered-uuid.ts'
import type { CatalogDb, StreamRow } from './schema.ts'
import { findStreamsByIds, streamSlug } from './streams.ts'

/**
 * Resolves to how many streams the archive has got. Belongs into the transaction that makes the archive, so
 * that there is no moment at which points belong to both or to nobody. Streams that are in an archive
 * already are left alone.
 */
export async function archiveStreams(
  db: CatalogDb,
  { streamIds, block }: { streamIds: readonly number[]; block: number },
): Promise<number> {
  const streams = (await findStreamsByIds(db, streamIds)).filter((stream) => stream.block === 0)
  for (const stream of streams) await giveAway(db, stream, block)
  const described = streams.filter((stream) => stream.is_registered === 1)
  if (described.length === 0) return streams.length
  const firstId = await takeIds(db, 'stream', described.length)
  for (const [i, stream] of described.entries()) {
    await db
      .insertInto('streams')
      .values({ ...stream, id: firstId + i })
      .execute()
  }
  return streams.length
}

/** A number keeps its points and its events whatever the stream is called. */
async function giveAway(db: CatalogDb, stream: StreamRow, block: number): Promise<void> {
  await db
    .updateTable('streams')
    .set({ block, slug: streamSlug({ ...stream, block }), uuid: orderedUuid() })
    .where('id', '=', stream.id)
    .execute()
}
