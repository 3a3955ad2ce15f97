/** Which rows name a blob. A blob that none of these columns names is removed some time later. */
import { sql } from 'kysely'
import { inChunks } from './in-chunks.ts'
import type { CatalogDb } from './schema.ts'

interface BlobReference {
  readonly table: string
  /** Holds the SHA-256 of a blob, or null; has an index. */
  readonly column: string
}

interface NamedBlob {
  readonly sha256: string
}

/** In the order of their tables' migrations; whoever adds a table with blobs adds its columns. */
export const BLOB_REFERENCES: readonly BlobReference[] = [
  { table: 'events', column: 'data_sha256' },
  { table: 'streamer_reports', column: 'file_sha256' },
  { table: 'ota_scripts', column: 'file_sha256' },
  { table: 'package_files', column: 'sha256' },
  { table: 'generated_report_files', column: 'sha256' },
]

/** Those of the hashes that some row names. */
export async function findNamedBlobs(db: CatalogDb, hashes: readonly string[]): Promise<Set<string>> {
  const named = new Set<string>()
  for (const { table, column } of BLOB_REFERENCES) {
    const rows = await inChunks(hashes, async (chunk) => {
      const found = sql<NamedBlob>`
        select distinct ${sql.ref(column)} as sha256 from ${sql.table(table)}
        where ${sql.ref(column)} in (${sql.join(chunk)})`
      return (await found.execute(db)).rows
    })
    for (const { sha256 } of rows) named.add(sha256)
  }
  return named
}

/** Every hash that some row names, once. */
export async function listNamedBlobs(db: CatalogDb): Promise<Set<string>> {
  const named = new Set<string>()
  for (const { table, column } of BLOB_REFERENCES) {
    const found = sql<NamedBlob>`
      select distinct ${sql.ref(column)} as sha256 from ${sql.table(table)} where ${sql.ref(column)} is not null`
    for (const { sha256 } of (await found.execute(db)).rows) named.add(sha256)
  }
  return named
}
