/** Properties as requests name and describe them. */
import { formatBlockSlug, formatDeviceSlug, formatProjectSlug, parseSlug } from '@sonde/client'
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { Permission } from '../../access/roles.ts'
import type { PropertyFilter, PropertyValue } from '../../catalog/properties.ts'
import { InvalidError } from '../../errors.ts'
import { dataBlockOfPath, deviceOfPath, projectOfPath } from './lookup.ts'
import { Type } from './schema.ts'
import type { RestServices } from './services.ts'
import { UNKNOWN_FIELDS_IGNORED } from './unknown-fields.ts'

const Value = {
  str_value: Type.Optional(Type.String({ maxLength: 256 })),
  int_value: Type.Optional(
    Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
  ),
  bool_value: Type.Optional(Type.Boolean()),
  is_system: Type.Optional(
    Type.Boolean({ description: 'One that programs keep: it stays with a device that is archived' }),
  ),
}
const Name = Type.String({ minLength: 1, maxLength: 250 })

export const PropertyBody = Type.Object({ ...Value, name: Type.Optional(Name) }, UNKNOWN_FIELDS_IGNORED)
export const NewPropertyBody = Type.Object({ ...Value, name: Name }, UNKNOWN_FIELDS_IGNORED)

type Values = Pick<Static<typeof PropertyBody>, 'str_value' | 'int_value' | 'bool_value'>

/** Who may change a thing may change its properties; who may see it sees them. */
const CHANGE: Readonly<Record<'project' | 'device' | 'block', Permission>> = {
  project: 'manage_org',
  device: 'modify_device',
  block: 'create_archive',
}

/**
 * The full slug of what has properties.
 * @throws {InvalidError} the text is no slug of such a thing.
 * @throws {NotFoundError} none that the caller may know of.
 */
export async function propertyTarget(
  services: RestServices,
  request: FastifyRequest,
  { text, change }: { text: string; change: boolean },
): Promise<string> {
  const slug = parseSlug(text)
  if (slug?.kind !== 'project' && slug?.kind !== 'device' && slug?.kind !== 'block') {
    throw InvalidError.field('target', `"${text}" is no slug of a project, device or data block.`)
  }
  const asked = { text, permission: change ? CHANGE[slug.kind] : 'view' } as const
  if (slug.kind === 'project') return formatProjectSlug((await projectOfPath(services, request, asked)).id)
  if (slug.kind === 'device') return formatDeviceSlug((await deviceOfPath(services, request, asked)).id)
  const { device_id, block } = await dataBlockOfPath(services, request, asked)
  return formatBlockSlug({ device: device_id, block })
}

/** @throws {InvalidError} not exactly one of the three values. */
export function readValue(body: Values): PropertyValue {
  const value = readValueIfAny(body)
  if (value !== undefined) return value
  throw new InvalidError('no value', {
    non_field_errors: ['One of int_value, str_value, or bool_value is needed'],
  })
}

/** @throws {InvalidError} more than one of the three values. */
export function readValueIfAny({ str_value, int_value, bool_value }: Values): PropertyValue | undefined {
  const given = [str_value, int_value, bool_value].filter((value) => value !== undefined)
  if (given.length <= 1) return given[0]
  throw new InvalidError('several values', {
    non_field_errors: ['Only one of int_value, str_value, or bool_value can be used'],
  })
}

/** `name`, or `name__value`; what follows another `__` belongs to the value. */
export function readPropertyFilter(text: string): PropertyFilter {
  const at = text.indexOf('__')
  return at === -1 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 2) }
}
