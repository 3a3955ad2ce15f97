/** Queries name devices by their label alone, and see them also when they have left their project. */
import type { Kysely } from 'kysely'

export async function deviceLabels(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('devices_label_index').on('devices').column('label').execute()
}
