/** The fields that a command line gives a resource. */
import type { Command } from 'commander'
import { Failure } from '../failure.ts'
import type { ResourceField, ResourceKind } from './resource-kinds.ts'

/** What commander calls the value of a flag such as `--external-id <id>`. */
export function optionOf({ flag }: ResourceField): string {
  const [name] = flag.slice(2).split(' ')
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** Values of the flags that were given, by field. Numbers and flags of the server are written as such. */
export function readFlags(
  fields: readonly ResourceField[],
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given = fields.filter((field) => options[optionOf(field)] !== undefined)
  return Object.fromEntries(
    given.map((field) => [field.field, fieldValue(field.field, options[optionOf(field)])]),
  )
}

const NUMBERS: ReadonlySet<string> = new Set(['lid', 'decimal_places'])

function fieldValue(field: string, value: unknown): unknown {
  if (!NUMBERS.has(field)) return value
  const number = Number(value)
  if (Number.isInteger(number)) return number
  throw new Failure(`"${value}" is no whole number`)
}

/**
 * Values of `--set field=value`. A value is JSON where it is, else a text: `false`, `10`, `null`, `north`.
 * The server passes over fields that it does not know; here they are refused.
 * @throws {Failure} a field that is none, or has no value.
 */
export function readSettings(kind: ResourceKind, settings: readonly string[] = []): Record<string, unknown> {
  const names = new Set([
    ...kind.fields.filter(({ when }) => when !== 'new').map(({ field }) => field),
    ...kind.others,
  ])
  if (kind.title !== undefined) names.add(kind.title)
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf('=')
      const name = setting.slice(0, Math.max(at, 0))
      if (at < 1) throw new Failure(`--set ${setting} has no value; write --set field=value`)
      if (!names.has(name)) {
        throw new Failure(`"${name}" is no field to set; these are: ${[...names].sort().join(', ')}`)
      }
      return [name, parsed(setting.slice(at + 1))]
    }),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** `--set` may be given several times. */
export function addSetOption(command: Command, kind: ResourceKind): Command {
  const collect = (value: string, before: readonly string[] = []) => [...before, value]
  return command.option('--set <field=value>', `other fields: ${kind.others.join(', ')}`, collect)
}
