/** Resources for people: a table of several, lines of one. */
import { print, type Shell } from '../shell.ts'
import { type Cell, tableLines } from '../table.ts'

type Resource = Readonly<Record<string, unknown>>

/** Columns by header: fields, with a dot for a field of a field; of several the first that has something. */
export async function printTable(
  shell: Shell,
  columns: Readonly<Record<string, string | readonly string[]>>,
  resources: AsyncIterable<object> | Iterable<object>,
): Promise<void> {
  async function* rows(): AsyncGenerator<Cell[]> {
    for await (const resource of resources) {
      yield Object.values(columns).map((fields) => cellOf(resource as Resource, [fields].flat()))
    }
  }
  for await (const line of tableLines(Object.keys(columns), rows())) print(shell, line)
}

/** A line per field that has something. */
export async function printFields(shell: Shell, resource: object): Promise<void> {
  const fields = Object.entries(resource).filter(([, value]) => value !== null && value !== '')
  async function* rows(): AsyncGenerator<Cell[]> {
    for (const [field, value] of fields) yield [field, textOf(value)]
  }
  for await (const line of tableLines(['field', 'value'], rows())) print(shell, line)
}

function cellOf(resource: Resource, fields: readonly string[]): Cell {
  for (const field of fields) {
    const value = field.split('.').reduce<unknown>((part, name) => Object(part)[name], resource)
    if (value === undefined || value === null || value === '') continue
    return typeof value === 'number' ? value : textOf(value)
  }
  return null
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
