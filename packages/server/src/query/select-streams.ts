/** Which streams a query speaks of: by slugs, or by the names of project, device and variable. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  formatDeviceSlug,
  formatProjectSlug,
  formatVariableSlug,
  type ParsedSlug,
  parseSlug,
} from '@sonde/client'
import { findDeviceIdsByLabel } from '../catalog/devices.ts'
import type { CatalogDb } from '../catalog/schema.ts'
import type { Sight } from '../catalog/sight.ts'
import {
  listStreamReferences,
  type StreamFilter,
  type StreamReference,
  streamSlug,
} from '../catalog/streams.ts'
import { InvalidError, TooLargeError } from '../errors.ts'
import type { NameLookups } from './name-lookups.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'

export interface Selection {
  /** Comma-separated slugs of streams, devices, variables or projects. */
  readonly filter?: string | undefined
  /** Name, slug or UUID; names of different organisations may be alike, and all of them are meant. */
  readonly project?: string | undefined
  readonly device?: string | undefined
  readonly variable?: string | undefined
}

/** A stream with what a query and a permission check have to know of it. */
export interface SelectedStream extends StreamDescriptor {
  readonly projectId: number
  readonly orgId: string
  readonly deviceId: number
  readonly variableLid: number
}

export interface Lookups {
  readonly catalog: CatalogDb
  readonly names: NameLookups
}

/** More streams than this in one query is a mistake, or a job for several. */
const STREAMS_MAX = 200_000
const SLUGS_MAX = 1_000
/** Devices or variables of one name that the catalog is asked for one by one; with more, all are looked at. */
const NAMESAKES_MAX = 20

/**
 * The selected streams within sight, in the order of the slugs and then of their making; what does not exist
 * is absent. Archived streams are selected by their own slugs and those of their data blocks only.
 * @throws {InvalidError} a slug is malformed.
 * @throws {TooLargeError} more streams than one query may have.
 */
export async function selectStreams(
  lookups: Lookups,
  sight: Sight,
  selection: Selection,
): Promise<SelectedStream[]> {
  const references = new Map<number, StreamReference>()
  const list: ListStreams = (filter, within = sight) => {
    const limit = STREAMS_MAX + 1 - references.size
    return listStreamReferences(lookups.catalog, { sight: within, filter }, { limit })
  }
  const { filter } = selection
  const found = filter
    ? streamsOfSlugs(parseFilter(filter), list)
    : streamsOfNames(lookups, sight, selection, list)
  for await (const rows of found) {
    for (const row of rows) references.set(row.id, row)
    if (references.size > STREAMS_MAX) {
      throw new TooLargeError(
        `The query speaks of more than ${STREAMS_MAX} streams; name fewer devices or variables`,
      )
    }
  }
  return describeStreams([...references.values()]).filter((stream) => hasNames(stream, selection))
}

/** Within sight, or the part of it that the filter leaves open, and not many more than one query may have. */
type ListStreams = (filter: StreamFilter, sight?: Sight) => Promise<StreamReference[]>

/** Streams are looked up all at once, everything else one after the other. */
async function* streamsOfSlugs(
  filters: readonly SlugFilter[],
  list: ListStreams,
): AsyncGenerator<StreamReference[]> {
  const slugs = filters.filter((filter) => typeof filter === 'string')
  const rows = slugs.length === 0 ? [] : await list({ slugs })
  const streams = new Map(rows.map((row) => [row.slug, row]))
  for (const filter of filters) {
    if (typeof filter === 'string') {
      yield present(streams.get(filter))
    } else {
      yield await list(filter)
      // The catalog holds the event loop for as long as it looks.
      await nextTurn()
    }
  }
}

async function* streamsOfNames(
  lookups: Lookups,
  sight: Sight,
  selection: Selection,
  list: ListStreams,
): AsyncGenerator<StreamReference[]> {
  const { project, device, variable } = selection
  if (!project && !device && !variable) return
  const deviceIds = device ? await deviceIdsOf(lookups.catalog, device) : undefined
  if (deviceIds?.length === 0) return
  const ofDevice = { archived: false, ...(deviceIds === undefined ? {} : { deviceIds }) }
  if (!project) {
    yield await list(ofDevice)
    return
  }
  for (const projectId of await lookups.names.projectIds(sight, project)) {
    const lids = variable ? await lidsOf(lookups.names, { projectId, text: variable }) : undefined
    if (lids?.length === 0) continue
    yield await list(
      { projectId, ...ofDevice, ...(lids === undefined ? {} : { lids }) },
      withinProject(sight),
    )
  }
}

/** What is left of a sight within a project that it shows. */
function withinProject({ deviceId }: Sight): Sight {
  return deviceId === undefined ? {} : { deviceId }
}

/** The devices that a text can mean; undefined when there are too many to name. */
async function deviceIdsOf(db: CatalogDb, text: string): Promise<number[] | undefined> {
  const slug = parseSlug(text)
  const named = await findDeviceIdsByLabel(db, { label: text, limit: NAMESAKES_MAX })
  if (named.length === NAMESAKES_MAX) return undefined
  return slug?.kind === 'device' ? [...named, slug.device] : named
}

/** The variables of a project that a text can mean; undefined when there are too many to name. */
async function lidsOf(
  names: NameLookups,
  { projectId, text }: { projectId: number; text: string },
): Promise<readonly number[] | undefined> {
  const slug = parseSlug(text)
  const named = await names.lids(projectId, text, NAMESAKES_MAX)
  if (named.length === NAMESAKES_MAX) return undefined
  return slug?.kind === 'variable' ? [...named, slug.lid] : named
}

/** @throws {InvalidError} too many slugs, or one of something that has no streams. */
function parseFilter(text: string): SlugFilter[] {
  const texts = text.split(',').map((slug) => slug.trim())
  if (texts.length > SLUGS_MAX) throw InvalidError.field('filter', `at most ${SLUGS_MAX} slugs`)
  return texts.map((text) => {
    const slug = parseSlug(text)
    const filter = slug && filterOf(slug)
    if (filter !== undefined) return filter
    throw InvalidError.field('filter', `"${text}" is no slug of a stream, device, block, variable or project`)
  })
}

/** The slug of a stream as the catalog has it, or a filter for everything else. */
type SlugFilter = string | StreamFilter

function filterOf(slug: ParsedSlug): SlugFilter | undefined {
  switch (slug.kind) {
    case 'project':
      return { projectId: slug.project, archived: false }
    case 'device':
      return { deviceId: slug.device, block: 0 }
    case 'block':
      return { deviceId: slug.device, block: slug.block }
    case 'variable':
      return { variable: { projectId: slug.project, lid: slug.lid }, archived: false }
    case 'stream':
      return streamSlug({
        project_id: slug.project,
        device_id: slug.device,
        variable_lid: slug.lid,
        block: slug.block,
      })
    case 'fleet':
    case 'streamer':
      return undefined
  }
}

function present<T>(row: T | undefined): T[] {
  return row === undefined ? [] : [row]
}

/** Slugs are made once for all streams that share them. */
function describeStreams(rows: readonly StreamReference[]): SelectedStream[] {
  const projectSlug = onceEach((id: number) => formatProjectSlug(id))
  const deviceSlug = onceEach((id: number) => (id === 0 ? undefined : formatDeviceSlug(id)))
  const variableSlugs = onceEach((project: number) =>
    onceEach((lid: number) => formatVariableSlug({ project, lid })),
  )
  return rows.map((row) => {
    const variableSlug = variableSlugs(row.project_id)(row.variable_lid)
    return {
      id: row.id,
      slug: row.slug,
      projectId: row.project_id,
      orgId: row.org_id,
      deviceId: row.device_id,
      variableLid: row.variable_lid,
      projectSlug: projectSlug(row.project_id),
      projectName: row.project_name,
      deviceSlug: deviceSlug(row.device_id),
      deviceName: row.device_label ?? undefined,
      variableSlug,
      // Points may come under a number that nobody has named yet.
      variableName: row.variable_name ?? variableSlug,
    }
  })
}

function onceEach<Value>(make: (id: number) => Value): (id: number) => Value {
  const made = new Map<number, Value>()
  return (id) => {
    const known = made.get(id)
    if (known !== undefined) return known
    const value = make(id)
    made.set(id, value)
    return value
  }
}

function hasNames(stream: SelectedStream, { device, variable }: Selection): boolean {
  const isDevice = !device || stream.deviceName === device || isSlug(device, stream.deviceSlug)
  return isDevice && (!variable || stream.variableName === variable || isSlug(variable, stream.variableSlug))
}

function isSlug(text: string, slug: string | undefined): boolean {
  const parsed = parseSlug(text)
  if (parsed?.kind === 'device') return slug === formatDeviceSlug(parsed.device)
  return parsed?.kind === 'variable' && slug === formatVariableSlug(parsed)
}
