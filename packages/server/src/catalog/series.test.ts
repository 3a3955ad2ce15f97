import { describe, expect, it } from 'vitest'
import { openTestCatalog } from './catalog.fixture.ts'
import type { CatalogDb } from './schema.ts'
import { createSeries, deleteSeries, listSeries, markSeriesRemoved } from './series.ts'
import { addSeriesPoints, deleteSeriesPoints, findSeriesPoint, pageSeriesPoints } from './series-points.ts'

const GIVEN = {
  project_id: 1,
  device_number: 2,
  point_stream_id: 3,
  owner: 'user 1',
  account_id: 4,
  device_id: 'D',
  device_desc: 'dd',
  description: null,
  created_at_us: 5,
}
const point = (id: number, seriesId: number, timeUs: number) => ({ id, series_id: seriesId, time_us: timeUs })

/** What the catalog knows of the points of each series. */
async function known(db: CatalogDb) {
  return (await listSeries(db)).map(({ point_count, indexed_to_us }) => [point_count, indexed_to_us])
}

describe('series', () => {
  it('have ids from 1, which are not used again', async () => {
    const db = await openTestCatalog()
    expect(await createSeries(db, GIVEN)).toEqual({
      id: 1,
      ...GIVEN,
      point_count: 0,
      indexed_to_us: null,
      is_removed: 0,
    })
    await createSeries(db, GIVEN)
    await markSeriesRemoved(db, 2)
    expect((await listSeries(db)).map(({ id, is_removed }) => [id, is_removed])).toEqual([
      [1, 0],
      [2, 1],
    ])
    await deleteSeries(db, 2)
    expect((await createSeries(db, GIVEN)).id).toBe(3)
  })

  it('count their points once, and know the latest time of them', async () => {
    const db = await openTestCatalog()
    await createSeries(db, GIVEN)
    await createSeries(db, GIVEN)
    await addSeriesPoints(db, [point(1, 1, 10), point(2, 2, 20), point(3, 1, 30)])
    expect(await known(db)).toEqual([
      [2, 30],
      [1, 20],
    ])
    await addSeriesPoints(db, [point(3, 1, 30), point(4, 1, 15)])
    expect(await known(db)).toEqual([
      [3, 30],
      [1, 20],
    ])
    expect(await findSeriesPoint(db, 3)).toEqual(point(3, 1, 30))
    expect(await pageSeriesPoints(db, { afterId: 1, limit: 2 })).toEqual([point(2, 2, 20), point(3, 1, 30)])
  })

  it('lose points that are theirs only', async () => {
    const db = await openTestCatalog()
    await createSeries(db, GIVEN)
    await createSeries(db, GIVEN)
    await addSeriesPoints(db, [point(1, 1, 10), point(2, 2, 20)])
    expect(await deleteSeriesPoints(db, { seriesId: 1, ids: [1, 2, 3] })).toBe(1)
    expect(await findSeriesPoint(db, 1)).toBeUndefined()
    expect(await known(db)).toEqual([
      [0, 10],
      [1, 20],
    ])
  })
})
