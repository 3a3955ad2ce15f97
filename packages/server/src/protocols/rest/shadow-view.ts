/** A shadow as clients read it: what the device reports, joined with the newest points of its streams. */
import { isDeepStrictEqual } from 'node:util'
import { isPipelineDevice, pinVariables } from '../../catalog/pipelines.ts'
import type { DeviceRow } from '../../catalog/schema.ts'
import { listStreamReferences } from '../../catalog/streams.ts'
import type { Reported, Shadow, Values } from '../../control/shadows.ts'
import type { RestServices } from './services.ts'

/** Streams of one device that are looked at; a device with more should report what matters. */
const STREAMS_MAX = 1_000

export interface JoinedShadow extends Shadow {
  /** What is desired and not so. */
  readonly delta: Values
}

export async function joinedShadow(services: RestServices, device: DeviceRow): Promise<JoinedShadow> {
  const shadow = await services.shadows.find(device.id)
  const reported = new Map(Object.entries(shadow.reported))
  for (const [name, newest] of await newestValues(services, device)) {
    const said = reported.get(name)
    if (said === undefined || said.timeUs <= newest.timeUs) reported.set(name, newest)
  }
  const delta = Object.entries(shadow.desired).filter(
    ([name, value]) => !isDeepStrictEqual(value, reported.get(name)?.value),
  )
  return { ...shadow, reported: Object.fromEntries(reported), delta: Object.fromEntries(delta) }
}

/** By the names of variables, or of pins where they are some. */
async function newestValues(
  { catalog, query }: RestServices,
  { id, project_id: projectId }: DeviceRow,
): Promise<[name: string, newest: Reported][]> {
  if (projectId === null) return []
  const filter = { projectId, deviceId: id, block: 0 }
  const streams = await listStreamReferences(catalog, { sight: {}, filter }, { limit: STREAMS_MAX })
  const pins = new Map<number, string>()
  if (await isPipelineDevice(catalog, id)) {
    for (const [pin, lid] of await pinVariables(catalog, projectId)) pins.set(lid, pin)
  }
  const columns = await query.latestColumns(Uint32Array.from(streams, (stream) => stream.id))
  const named: [string, Reported][] = []
  streams.forEach(({ variable_lid, variable_name }, row) => {
    const name = pins.get(variable_lid) ?? variable_name
    const timeUs = columns.timesUs[row]
    if (name === null || Number.isNaN(timeUs)) return
    named.push([name, { value: columns.texts?.get(row) ?? columns.values[row], timeUs }])
  })
  // Of several variables with one name the one that was measured last comes last.
  return named.sort(([, a], [, b]) => a.timeUs - b.timeUs)
}
