/** The streams of a device where it is now: those of an earlier project stay with that project. */
import type { CatalogDb, DeviceRow, StreamRow } from './schema.ts'

export type DeviceStream = Pick<StreamRow, 'id' | 'slug' | 'is_registered'>

/** Also those without a record, but none of data blocks; none while nobody has claimed the device. */
export async function listDeviceStreams(
  db: CatalogDb,
  { id, project_id }: Pick<DeviceRow, 'id' | 'project_id'>,
): Promise<DeviceStream[]> {
  if (project_id === null) return []
  return db
    .selectFrom('streams')
    .select(['id', 'slug', 'is_registered'])
    .where('device_id', '=', id)
    .where('project_id', '=', project_id)
    .where('block', '=', 0)
    .orderBy('variable_lid')
    .execute()
}
