/** Merges the chunks of a points folder that no server uses. */
import { ChunkStore } from '../../packages/server/src/points/chunk/chunk-store.ts'

const store = await ChunkStore.open({ folder: process.argv[2] })
await store.flush()
await store.merge()
await store.close()
