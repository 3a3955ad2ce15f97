/**
 * Pipelines and the streams of their pins. What was read is remembered until the catalog changes, because every
 * packet asks.
 */
import { RecentMap } from '../../access/recent-map.ts'
import type { CountedCatalog } from '../../catalog/change-counter.ts'
import { inTransaction } from '../../catalog/in-transaction.ts'
import { findOldestOrg } from '../../catalog/orgs.ts'
import {
  createPinVariable,
  createPipeline,
  findPipeline,
  pinVariables,
  replacePipelineKey,
} from '../../catalog/pipelines.ts'
import { findOrCreateProject, findProject } from '../../catalog/projects.ts'
import type { CatalogDb, ProjectRow } from '../../catalog/schema.ts'
import { getSetting, setSetting } from '../../catalog/settings.ts'
import {
  countStreamsOfProject,
  findOrCreateStreams,
  findStreamsBySlugs,
  streamSlug,
} from '../../catalog/streams.ts'
import { TooLargeError, UnavailableError } from '../../errors.ts'
import { DISABLED_STREAM, NO_STREAM } from '../../ingest/name-resolver.ts'
import { INTEGER_PIN_COUNT, PINS } from '../../model/pins.ts'
import type { PipelineServices } from './services.ts'

export interface Pipeline {
  readonly number: number
  readonly keyHash: Buffer
  readonly deviceId: number
  readonly projectId: number
  /** In whose name its streams are made. */
  readonly createdBy: number
  /** By pin; `NO_STREAM` for one that was never used, `DISABLED_STREAM` for one that takes no data. */
  readonly streamIds: Uint32Array
  /** Those of the pins that have one, in order, and which pins these are. */
  readonly usedStreamIds: Uint32Array
  readonly usedPins: readonly number[]
}

interface Remembered {
  readonly pipeline: Pipeline
  /** Of the catalog's changes when it was read. */
  readonly changeCount: number
}

const PROJECT_NAME = 'Pipelines'
/** Which project that is, also when somebody gives it another name. */
const PROJECT_SETTING = 'pipelines_project'
const REMEMBERED_MAX = 50_000

export class Pipelines {
  readonly #services: Pick<PipelineServices, 'config' | 'clock'>
  readonly #catalog: CountedCatalog
  readonly #remembered: RecentMap<number, Remembered>
  /** Begun at that count of changes; one after the other asks for the same pipeline meanwhile. */
  readonly #reading = new Map<number, { changeCount: number; pipeline: Promise<Pipeline | undefined> }>()

  constructor({ config, clock, catalog }: Pick<PipelineServices, 'config' | 'clock' | 'catalog'>) {
    this.#services = { config, clock }
    this.#catalog = catalog
    const ageUsMax = Number.POSITIVE_INFINITY
    this.#remembered = new RecentMap({ entriesMax: REMEMBERED_MAX, ageUsMax, clock })
  }

  /** Undefined also for one whose device belongs to nobody. */
  find(number: number): Pipeline | Promise<Pipeline | undefined> {
    const changeCount = this.#catalog.changes.count
    const remembered = this.#remembered.get(number)
    if (remembered?.changeCount === changeCount) return remembered.pipeline
    const reading = this.#reading.get(number)
    if (reading?.changeCount === changeCount) return reading.pipeline
    const pipeline = this.#read(number, changeCount)
    this.#reading.set(number, { changeCount, pipeline })
    return pipeline
  }

  /** Durable when it resolves. @throws {ConflictError} the number is taken. @throws {RateLimitedError} too many. */
  async create(number: number, keyHash: Buffer): Promise<void> {
    const { clock, config } = this.#services
    const nowUs = clock.nowUs()
    await inTransaction(this.#catalog, async (db) => {
      const project = await this.#project(db, nowUs)
      await createPipeline(db, {
        number,
        keyHash: keyHash.toString('hex'),
        label: String(number).padStart(8, '0'),
        projectId: project.id,
        createdBy: project.created_by,
        nowUs,
        pipelinesMax: config.limits.pipelinesMax,
      })
    })
  }

  /** Durable when it resolves. False when the key is another one meanwhile. */
  changeKey({ number, keyHash }: Pipeline, newHash: Buffer): Promise<boolean> {
    const [before, after] = [keyHash.toString('hex'), newHash.toString('hex')]
    return replacePipelineKey(this.#catalog, { number, before, after })
  }

  /**
   * The pipeline with streams for these pins.
   * @throws {TooLargeError} the project would have more streams than it may.
   */
  withStreams(pipeline: Pipeline, pins: readonly { readonly pin: number }[]): Pipeline | Promise<Pipeline> {
    for (const { pin } of pins) {
      if (pipeline.streamIds[pin] === NO_STREAM) return this.#withNewStreams(pipeline, pins)
    }
    return pipeline
  }

  async #withNewStreams(pipeline: Pipeline, pins: readonly { readonly pin: number }[]): Promise<Pipeline> {
    const numbers = pins.map(({ pin }) => pin)
    await inTransaction(this.#catalog, (db) => this.#makeStreams(db, pipeline, numbers))
    return (await this.find(pipeline.number)) ?? pipeline
  }

  async #read(number: number, changeCount: number): Promise<Pipeline | undefined> {
    try {
      const pipeline = await readPipeline(this.#catalog, number)
      if (pipeline !== undefined) this.#remembered.set(number, { pipeline, changeCount })
      return pipeline
    } finally {
      if (this.#reading.get(number)?.changeCount === changeCount) this.#reading.delete(number)
    }
  }

  async #makeStreams(db: CatalogDb, pipeline: Pipeline, pins: readonly number[]): Promise<void> {
    const { clock, config } = this.#services
    const { projectId, deviceId, createdBy } = pipeline
    const { streamsPerProjectMax } = config.limits
    const count = await countStreamsOfProject(db, projectId)
    if (count + pins.length > streamsPerProjectMax) {
      throw new TooLargeError(`The project has ${count} streams; it may have ${streamsPerProjectMax}`)
    }
    const nowUs = clock.nowUs()
    const lids = new Map(await pinVariables(db, projectId))
    for (const pin of pins) {
      const name = PINS[pin]
      if (lids.has(name)) continue
      const decimalPlaces = pin < INTEGER_PIN_COUNT ? 0 : 2
      lids.set(name, await createPinVariable(db, { projectId, pin: name, decimalPlaces, createdBy, nowUs }))
    }
    const streams = pins.map((pin) => ({
      project_id: projectId,
      device_id: deviceId,
      variable_lid: lids.get(PINS[pin])!,
      is_registered: 1,
      created_by: createdBy,
      created_at_us: nowUs,
    }))
    await findOrCreateStreams(db, streams)
  }

  /** Made with the first pipeline, in the oldest organisation. @throws {UnavailableError} there is none. */
  async #project(db: CatalogDb, nowUs: number): Promise<ProjectRow> {
    const setting = await getSetting(db, PROJECT_SETTING)
    const known = setting === undefined ? undefined : await findProject(db, Number(setting))
    if (known !== undefined) return known
    const org = await findOldestOrg(db)
    if (org === undefined)
      throw new UnavailableError('There is no organization for pipelines; create one first')
    const project = await findOrCreateProject(db, {
      org_id: org.id,
      name: PROJECT_NAME,
      created_by: org.created_by,
      created_at_us: nowUs,
    })
    await setSetting(db, { name: PROJECT_SETTING, value: String(project.id) })
    return project
  }
}

async function readPipeline(catalog: CatalogDb, number: number): Promise<Pipeline | undefined> {
  const row = await findPipeline(catalog, number)
  if (row === undefined || row.project_id === null) return undefined
  const { project_id: projectId, device_id: deviceId } = row
  const lids = await pinVariables(catalog, projectId)
  const slugs = PINS.map((pin) => {
    const lid = lids.get(pin)
    return lid && streamSlug({ project_id: projectId, device_id: deviceId, variable_lid: lid })
  })
  const rows = await findStreamsBySlugs(
    catalog,
    slugs.filter((slug) => typeof slug === 'string'),
  )
  const bySlug = new Map(rows.map((stream) => [stream.slug, stream]))
  const streams = slugs.map((slug) => (slug ? bySlug.get(slug) : undefined))
  const usedPins = [...PINS.keys()].filter((pin) => streams[pin] !== undefined)
  return {
    number,
    keyHash: Buffer.from(row.key_hash, 'hex'),
    deviceId,
    projectId,
    createdBy: row.created_by,
    streamIds: Uint32Array.from(streams, (stream) => {
      if (stream === undefined) return NO_STREAM
      return stream.enabled === 1 ? stream.id : DISABLED_STREAM
    }),
    usedStreamIds: Uint32Array.from(usedPins, (pin) => streams[pin]!.id),
    usedPins,
  }
}
