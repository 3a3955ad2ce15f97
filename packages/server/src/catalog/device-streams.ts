/** The streams of a device where it is now: those of an earlier project stay with that project. */
import { inChunks } from './in-chunks.ts'
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

/** Streams of some devices, where these are now, that belong to variables of one name. */
export async function listStreamsByName(
  db: CatalogDb,
  { deviceIds, variable }: { deviceIds: readonly number[]; variable: string },
): Promise<{ id: number; device_id: number }[]> {
  return inChunks(deviceIds, (chunk) =>
    db
      .selectFrom('streams')
      .innerJoin('devices', (join) =>
        join
          .onRef('devices.id', '=', 'streams.device_id')
          .onRef('devices.project_id', '=', 'streams.project_id'),
      )
      .innerJoin('variables', (join) =>
        join
          .onRef('variables.project_id', '=', 'streams.project_id')
          .onRef('variables.lid', '=', 'streams.variable_lid'),
      )
      .select(['streams.id', 'streams.device_id'])
      .where('streams.device_id', 'in', chunk)
      .where('streams.block', '=', 0)
      .where('variables.name', '=', variable)
      .orderBy('streams.id')
      .execute(),
  )
}
