/**
 * The streams of a series in the model: one for each field that was ever written and can be drawn, and one that
 * says at which times there are points. That one holds the point's id or, when its fields are more than numbers
 * and texts in streams of their own, a text with the id and all fields.
 */
import { inTransaction } from '../../catalog/in-transaction.ts'
import type { CatalogDb, SeriesRow, StreamRow } from '../../catalog/schema.ts'
import { setPointStream } from '../../catalog/series.ts'
import {
  countStreamsOfProject,
  findOrCreateStreams,
  listStreams,
  type StreamNumber,
} from '../../catalog/streams.ts'
import {
  createVariable,
  findVariableByName,
  findVariablesOfStreams,
  variableKey,
} from '../../catalog/variables.ts'
import type { Limits } from '../../config.ts'
import { TooLargeError } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'

export interface SeriesStreams {
  /** What `IngestService.namesEpoch` was before they were read. */
  readonly epoch: number
  readonly pointStreamId: number
  /** Streams by the names of their fields, in the order of their making; `NO_STREAM` for one that takes no data. */
  readonly fields: ReadonlyMap<string, FieldStream>
}

export interface FieldStream {
  readonly streamId: number
  readonly takesData: boolean
}

type SeriesKey = Pick<SeriesRow, 'project_id' | 'device_number' | 'account_id'>

export interface StreamServices {
  readonly catalog: CatalogDb
  readonly clock: Clock
  readonly limits: Limits
}

/** The variable of the stream that says where points are. */
export const POINT_VARIABLE = 'point id'
/** Fields with a stream of their own; more of them are kept with the point only. */
export const FIELDS_MAX = 250
const PAGE = 1_000

/** Whether a field may have a variable of its name. */
export function isFieldName(name: string, { nameCharsMax }: Limits): boolean {
  return name.trim() !== '' && !name.includes('\0') && name.length <= nameCharsMax && name !== POINT_VARIABLE
}

/** The streams of a series as they are now; that of its points is made when somebody has deleted it. */
export async function readSeriesStreams(
  services: StreamServices,
  row: SeriesRow,
  epoch: number,
): Promise<SeriesStreams> {
  const { catalog } = services
  const streams = await listSeriesStreams(catalog, row)
  const variables = await findVariablesOfStreams(catalog, streams)
  const fields = new Map<string, FieldStream>()
  for (const { id, enabled, project_id, variable_lid } of streams) {
    const name = variables.get(variableKey(project_id, variable_lid))?.name
    if (id === row.point_stream_id || name === undefined || name === POINT_VARIABLE) continue
    if (!fields.has(name)) fields.set(name, { streamId: id, takesData: enabled === 1 })
  }
  const isThere = streams.some(({ id }) => id === row.point_stream_id)
  const pointStreamId = isThere
    ? row.point_stream_id
    : await inTransaction(catalog, async (db) => {
        const streamId = await makePointStream({ ...services, catalog: db }, row)
        await setPointStream(db, { id: row.id, streamId })
        return streamId
      })
  return { epoch, pointStreamId, fields }
}

/** All streams of the series' device in its project; what was archived, or went elsewhere with it, is not among them. */
export async function listSeriesStreams(
  catalog: CatalogDb,
  { project_id, device_number }: Pick<SeriesRow, 'project_id' | 'device_number'>,
): Promise<StreamRow[]> {
  const streams: StreamRow[] = []
  const sight = { projectId: project_id, deviceId: device_number }
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = await listStreams(catalog, { sight }, { limit: PAGE, offset })
    streams.push(...rows.filter(({ block }) => block === 0))
    if (rows.length < PAGE) return streams
  }
}

/** Makes the stream of a new series' points. */
export async function makePointStream(services: StreamServices, row: SeriesKey): Promise<number> {
  const [stream] = await makeStreams(services, row, [POINT_VARIABLE])
  return stream.id
}

/**
 * Makes streams for new fields, with their variables. A field for which there is no room any more is left out,
 * and so are those behind it.
 */
export async function addFields(
  services: StreamServices,
  row: SeriesRow,
  names: readonly string[],
): Promise<ReadonlyMap<string, FieldStream>> {
  const { catalog, limits } = services
  const room = limits.streamsPerProjectMax - (await countStreamsOfProject(catalog, row.project_id))
  const made = new Map<string, FieldStream>()
  if (names.length > room) return made
  try {
    await inTransaction(catalog, async (db) => {
      const streams = await makeStreams({ ...services, catalog: db }, row, names)
      for (const [i, { id, enabled }] of streams.entries()) {
        made.set(names[i], { streamId: id, takesData: enabled === 1 })
      }
    })
  } catch (error) {
    // The project has no number left for another variable.
    if (!(error instanceof TooLargeError)) throw error
    made.clear()
  }
  return made
}

async function makeStreams(
  { catalog, clock }: StreamServices,
  { project_id, device_number, account_id }: SeriesKey,
  names: readonly string[],
): Promise<StreamNumber[]> {
  const by = { created_by: account_id, created_at_us: clock.nowUs() }
  const keys = []
  for (const name of names) {
    const variable =
      (await findVariableByName(catalog, { projectId: project_id, name })) ??
      (await createVariable(catalog, { project_id, name, ...by }))
    keys.push({ project_id, device_id: device_number, variable_lid: variable.lid, is_registered: 1, ...by })
  }
  return findOrCreateStreams(catalog, keys)
}
