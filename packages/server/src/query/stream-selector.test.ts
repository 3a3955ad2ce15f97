import { beforeEach, describe, expect, it } from 'vitest'
import { addOwner, openTestCatalog } from '../catalog/catalog.fixture.ts'
import type { CountedCatalog } from '../catalog/change-counter.ts'
import { createDevice, updateDevice } from '../catalog/devices.ts'
import { findOrCreateStreams } from '../catalog/streams.ts'
import { createVariable } from '../catalog/variables.ts'
import type { Clock } from '../model/clock.ts'
import { US_PER_S } from '../model/time.ts'
import { StreamSelector } from './stream-selector.ts'

describe('stream selector', () => {
  let catalog: CountedCatalog
  let selector: StreamSelector
  let owner: Awaited<ReturnType<typeof addOwner>>
  let deviceId: number
  let nowUs: number

  beforeEach(async () => {
    catalog = await openTestCatalog()
    owner = await addOwner(catalog, 'rick')
    nowUs = 0
    const clock: Clock = { nowUs: () => nowUs }
    selector = new StreamSelector({ catalog, clock })
    const by = { created_by: owner.account.id, created_at_us: 0 }
    const project_id = owner.project.id
    deviceId = (await createDevice(catalog, { project_id, label: 'south', ...by })).id
    const { lid } = await createVariable(catalog, { project_id, name: 'temperature', ...by })
    const lids = [lid, lid + 1]
    await findOrCreateStreams(
      catalog,
      lids.map((variable_lid) => ({
        project_id,
        device_id: deviceId,
        variable_lid,
        is_registered: 1,
        ...by,
      })),
    )
  })

  it('gives the same list until it grows old or the catalog changes', async () => {
    const select = () => selector.select({}, { device: 'south' })
    const first = await select()
    expect(first.map(({ variableName }) => variableName)).toEqual(['temperature', 'v--0000-0001--0002'])
    nowUs += 9 * US_PER_S
    expect(await select()).toBe(first)
    nowUs += US_PER_S
    const second = await select()
    expect(second).toEqual(first)
    expect(second).not.toBe(first)
    await updateDevice(catalog, deviceId, { label: 'north' })
    expect(await select()).toEqual([])
  })

  it('remembers nothing that was read while the catalog changed', async () => {
    const selecting = selector.select({}, { device: 'south' })
    const renaming = updateDevice(catalog, deviceId, { label: 'north' })
    await Promise.all([selecting, renaming])
    expect(await selector.select({}, { device: 'south' })).toEqual([])
    expect((await selector.select({}, { device: 'north' })).length).toBe(2)
  })

  it('tells apart what is asked for and who asks', async () => {
    const { account, org, project } = owner
    const stranger = await addOwner(catalog, 'morty')
    const counts = []
    for (const sight of [
      {},
      { memberId: account.id },
      { memberId: stranger.account.id },
      { orgId: org.id },
      { orgId: stranger.org.id },
      { projectId: project.id },
      { projectId: stranger.project.id },
      { deviceId },
      { deviceId: deviceId + 1 },
    ]) {
      for (const variable of ['temperature', 'humidity']) {
        counts.push((await selector.select(sight, { device: 'south', variable })).length)
      }
    }
    expect(counts).toEqual([1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])
  })

  it('forgets what was asked longest ago when there is too much', async () => {
    const small = new StreamSelector({ catalog, clock: { nowUs: () => nowUs }, streamsMax: 12 })
    const south = await small.select({}, { device: 'south' })
    const temperature = await small.select({}, { variable: 'temperature' })
    expect(await small.select({}, { device: 'south' })).toBe(south)
    await small.select({}, { project: 'Garden' })
    expect(await small.select({}, { device: 'south' })).toBe(south)
    expect(await small.select({}, { variable: 'temperature' })).not.toBe(temperature)
    // Long questions count as well as long answers.
    await small.select({}, { filter: 'v--0000-0001--0001,'.repeat(80).slice(0, -1) })
    expect(await small.select({}, { device: 'south' })).not.toBe(south)
  })
})
