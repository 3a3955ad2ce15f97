/** The water meter's project as its owner would move it here: through the API, with its own numbers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The meter's files lie beside the repository. Without them tests are skipped, except where CI is set. */
const FOLDER = fileURLToPath(new URL('../../../../../../shared/data/', import.meta.url))
export const WATER_METER_MISSING = !existsSync(FOLDER) && process.env.CI !== 'true'

export const PROJECT_UUID = '1c07fdd0-3fad-4549-bd56-5af2aca18d5b'
export const DEVICE = 'd--0000-0000-0000-00d2'
const STREAM = (lid: string) => `s--0000-0077--0000-0000-0000-00d2--${lid}`
export const S1 = STREAM('5001')
/** Disabled, after its points had come in. */
export const S2 = STREAM('5002')
/** Has points and no record. */
export const SC = STREAM('5c00')

interface StreamFile {
  readonly slug: string
  readonly variable: string
  readonly var_lid: number
  readonly var_name: string
  readonly var_type: string | null
  readonly enabled: boolean
}

/** Whoever sends requests as the administrator. */
export interface Asking {
  ask(
    path: string,
    options: { readonly method: 'POST' | 'PUT' | 'PATCH'; readonly body: object },
  ): Promise<{ readonly status: number; readonly text: string }>
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(`${FOLDER}${name}`, 'utf8')) as T
}

/** Creates variable types, project, device, variables and streams, and writes all points as raw values. */
export async function loadWaterMeter({ ask }: Asking): Promise<void> {
  const create = async (path: string, body: object) => {
    const reply = await ask(path, { method: 'POST', body })
    if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${reply.text}`)
  }
  for (const name of readdirSync(`${FOLDER}watermeter/variable_types`)) {
    const vartype = readJson<{ slug: string }>(`watermeter/variable_types/${name}`)
    // One of them is there from the start.
    if (vartype.slug === 'default') await ask('vartype/default/', { method: 'PUT', body: vartype })
    else await create('vartype/', vartype)
  }
  const file = readJson<{ streams: StreamFile[]; devices: object[] }>('test_project_watermeter.json')
  await create('project/', {
    id: PROJECT_UUID,
    slug: 'p--0000-0077',
    name: 'Irrigation Project',
    org: 'home',
  })
  const [device] = file.devices as { label: string; sg: string; template: string }[]
  const { label, sg, template } = device
  await create('device/', { slug: DEVICE, label, sg, template, project: PROJECT_UUID })
  for (const { enabled, ...stream } of file.streams) {
    const { var_lid: lid, var_name: name, var_type } = stream
    await create('variable/', { project: PROJECT_UUID, lid, name, ...(var_type ? { var_type } : {}) })
    await create('stream/', { ...stream, id: undefined, device: DEVICE })
  }
  for (const slug of [S1, S2, SC]) await create('data/', pointsOf(slug))
  await ask(`stream/${S2}/`, { method: 'PATCH', body: { enabled: false } })
}

interface ExtrasFile {
  readonly events: {
    id: number
    stream: string
    timestamp: string
    has_raw_data: boolean
    extra_data: object
  }[]
  readonly properties: { target: string; name: string; value: string }[]
  readonly datablocks: { slug: string; title: string; description: string; sg: string }[]
}

/** Events with their documents, properties and an archive of another device, with their own numbers. */
export async function loadWaterMeterExtras({ ask }: Asking): Promise<void> {
  const create = async (path: string, body: object) => {
    const reply = await ask(path, { method: 'POST', body })
    if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${reply.text}`)
  }
  const { events, properties, datablocks } = readJson<ExtrasFile>('test_project_watermeter.json')
  for (const { id, has_raw_data, ...event } of events) {
    const data = has_raw_data ? readJson<object>(`watermeter/event_${id}.json`) : null
    await create('event/', { ...event, data })
  }
  for (const { target, name, value } of properties) {
    await create('property/', { target, name, str_value: value })
  }
  for (const { slug, title, description, sg } of datablocks) {
    const device = `d--0000-${slug.slice('b--0001-'.length)}`
    await create('device/', { slug: device, label: 'POD1-M', sg, project: PROJECT_UUID })
    await create('datablock/', { slug, title, description, device })
  }
}

function pointsOf(stream: string): object[] {
  const json = `watermeter/${stream}.json`
  if (existsSync(FOLDER + json)) {
    const items = readJson<{ timestamp: string; int_value: number }[]>(json)
    return items.map(({ timestamp, int_value }) => ({ stream, timestamp, int_value }))
  }
  const csv = readFileSync(`${FOLDER}watermeter/${stream}.csv`, 'utf8')
  return Array.from(csv.matchAll(/"(.+)", (\d+)/g), ([, timestamp, value]) => {
    return { stream, timestamp, int_value: Number(value) }
  })
}
