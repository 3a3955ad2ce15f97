/** Pipelines: devices that are written to with a number and a key, and the variables that are their pins. */
import { ConflictError, RateLimitedError } from '../errors.ts'
import { createDevice } from './devices.ts'
import { inTransaction } from './in-transaction.ts'
import type { PipelineRow } from './schema/pins.ts'
import type { CatalogDb, DeviceRow } from './schema.ts'
import { createVariable } from './variables.ts'

export interface NewPipeline {
  readonly number: number
  readonly keyHash: string
  /** Of the device. */
  readonly label: string
  readonly projectId: number
  readonly createdBy: number
  readonly nowUs: number
  /** There may be so many on this server. */
  readonly pipelinesMax: number
}

export interface PipelineDevice extends PipelineRow, Pick<DeviceRow, 'project_id' | 'created_by'> {}

/** When somebody who wants one more than there may be can ask again. */
const FULL_RETRY_MS = 60 * 60 * 1_000

/**
 * Makes the pipeline and its device together.
 * @throws {ConflictError} the number is taken; nothing was made.
 * @throws {RateLimitedError} there are `pipelinesMax` already.
 */
export async function createPipeline(db: CatalogDb, pipeline: NewPipeline): Promise<void> {
  const { number, projectId, createdBy, nowUs } = pipeline
  await inTransaction(db, async (db) => {
    if ((await findPipeline(db, number)) !== undefined) throw taken(number)
    if ((await countPipelines(db)) >= pipeline.pipelinesMax) {
      throw new RateLimitedError(`There are ${pipeline.pipelinesMax} pipelines already`, FULL_RETRY_MS)
    }
    const device = await createDevice(db, {
      project_id: projectId,
      label: pipeline.label,
      created_by: createdBy,
      created_at_us: nowUs,
    })
    const made = await db
      .insertInto('pipelines')
      .values({ number, device_id: device.id, key_hash: pipeline.keyHash, created_at_us: nowUs })
      .onConflict((conflict) => conflict.doNothing())
      .returning('number')
      .executeTakeFirst()
    // Another server was faster; its device is the one.
    if (made === undefined) throw taken(number)
  })
}

export async function findPipeline(db: CatalogDb, number: number): Promise<PipelineDevice | undefined> {
  return db
    .selectFrom('pipelines')
    .innerJoin('devices', 'devices.id', 'pipelines.device_id')
    .selectAll('pipelines')
    .select(['devices.project_id', 'devices.created_by'])
    .where('pipelines.number', '=', number)
    .executeTakeFirst()
}

export async function isPipelineDevice(db: CatalogDb, deviceId: number): Promise<boolean> {
  const row = await db
    .selectFrom('pipelines')
    .select('number')
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
  return row !== undefined
}

export async function countPipelines(db: CatalogDb): Promise<number> {
  const { count } = await db
    .selectFrom('pipelines')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Of several changes of one key at once the first wins. False when `before` is not its key (any more). */
export async function replacePipelineKey(
  db: CatalogDb,
  { number, before, after }: { number: number; before: string; after: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('pipelines')
    .set({ key_hash: after })
    .where('number', '=', number)
    .where('key_hash', '=', before)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Variable numbers of the pins that a project has, by pin. */
export async function pinVariables(db: CatalogDb, projectId: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('pipeline_pins')
    // A variable that was deleted is no pin any more.
    .innerJoin('variables', (join) =>
      join
        .onRef('variables.project_id', '=', 'pipeline_pins.project_id')
        .onRef('variables.lid', '=', 'pipeline_pins.lid'),
    )
    .select(['pipeline_pins.pin', 'pipeline_pins.lid'])
    .where('pipeline_pins.project_id', '=', projectId)
    .execute()
  return new Map(rows.map(({ pin, lid }) => [pin, lid]))
}

/** Makes the variable of a pin that the project does not have yet; resolves to its number. */
export async function createPinVariable(
  db: CatalogDb,
  variable: { projectId: number; pin: string; decimalPlaces: number; createdBy: number; nowUs: number },
): Promise<number> {
  const { projectId, pin, decimalPlaces, createdBy, nowUs } = variable
  return inTransaction(db, async (db) => {
    const { lid } = await createVariable(db, {
      project_id: projectId,
      name: pin,
      about: 'Virtual pin of pipelines',
      decimal_places: decimalPlaces,
      created_by: createdBy,
      created_at_us: nowUs,
    })
    await db
      .insertInto('pipeline_pins')
      .values({ project_id: projectId, pin, lid })
      .onConflict((conflict) => conflict.columns(['project_id', 'pin']).doUpdateSet({ lid }))
      .execute()
    return lid
  })
}

function taken(number: number): ConflictError {
  return new ConflictError(`Pipeline ${number} exists already`)
}
