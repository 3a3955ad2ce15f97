import { expect, it } from 'vitest'
import { ConflictError, NotFoundError, TooLargeError } from '../errors.ts'
import { addAccount, FIRST_PAGE, openTestCatalog } from './catalog.fixture.ts'
import {
  archiveProperties,
  createProperty,
  deleteProperty,
  listProperties,
  PROPERTIES_MAX,
  type PropertyValue,
  propertyValue,
  setProperty,
  updateProperty,
} from './properties.ts'
import type { CatalogDb } from './schema.ts'

const DEVICE = 'd--0000-0000-0000-0001'

async function openProperties() {
  const db = await openTestCatalog()
  const account = await addAccount(db, 'rick')
  const property = (name: string, value: PropertyValue, isSystem = false, target = DEVICE) => {
    return { target, name, value, isSystem, created_by: account.id, created_at_us: 0 }
  }
  return { db, property }
}

async function valuesOf(db: CatalogDb, target = DEVICE) {
  const { rows } = await listProperties(db, { target }, FIRST_PAGE)
  return Object.fromEntries(rows.map((row) => [row.name, propertyValue(row)]))
}

it('keeps values with their types, by name', async () => {
  const { db, property } = await openProperties()
  const values = { count: -3, is_cold: false, is_new: true, text: 'true' }
  for (const [name, value] of Object.entries(values)) await createProperty(db, property(name, value))
  expect(await valuesOf(db)).toEqual(values)
})

it('has one property of a name', async () => {
  const { db, property } = await openProperties()
  const { id } = await createProperty(db, property('colour', 'red'))
  await expect(createProperty(db, property('colour', 'blue'))).rejects.toThrow(ConflictError)
  await createProperty(db, property('colour', 'grey', false, 'd--0000-0000-0000-0002'))
  expect(await setProperty(db, property('colour', 7))).toMatchObject({ id, type: 'int', value: '7' })
  const size = await createProperty(db, property('size', 1))
  await expect(updateProperty(db, size.id, { name: 'colour' })).rejects.toThrow(ConflictError)
  expect(await updateProperty(db, size.id, { name: 'width' })).toMatchObject({ name: 'width', value: '1' })
})

it('does not find what is gone', async () => {
  const { db, property } = await openProperties()
  const { id } = await createProperty(db, property('colour', 'red'))
  await deleteProperty(db, id)
  await expect(deleteProperty(db, id)).rejects.toThrow(NotFoundError)
  await expect(updateProperty(db, id, { value: 1 })).rejects.toThrow(NotFoundError)
})

it('moves what people wrote into an archive, and copies what programs keep', async () => {
  const { db, property } = await openProperties()
  const archive = 'b--0001-0000-0000-0001'
  await createProperty(db, property('cargo', 'pears'))
  await createProperty(db, property('model', 'x', true))
  await archiveProperties(db, { device: DEVICE, archive })
  expect(await valuesOf(db)).toEqual({ model: 'x' })
  expect(await valuesOf(db, archive)).toEqual({ cargo: 'pears', model: 'x' })
})

it('bounds the properties of one thing', async () => {
  const { db, property } = await openProperties()
  const rows = Array.from({ length: PROPERTIES_MAX }, (_, id) => ({
    id: id + 1_000,
    target: DEVICE,
    target_kind: 'device',
    target_id: 1,
    name: `p${id}`,
    type: 'int',
    value: '1',
    is_system: 0,
    created_at_us: 0,
    created_by: 1,
  }))
  await db.insertInto('properties').values(rows).execute()
  await expect(setProperty(db, property('one more', 1))).rejects.toThrow(TooLargeError)
  expect(await setProperty(db, property('p0', 2))).toMatchObject({ value: '2' })
})
