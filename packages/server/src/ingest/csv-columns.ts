/** What the columns of a CSV file are, by its header and by what the caller says of them. */
import { InvalidError } from '../errors.ts'

/** The caller's word; columns go by their headers. */
export interface CsvLayout {
  /** Left out, it is the first column. */
  readonly timeColumn: string | undefined
  /** The one device that all rows belong to, or the column that names it. */
  readonly device: { readonly name: string } | { readonly column: string }
  /** The ones to import; left out, all that are neither time nor device. */
  readonly columns: readonly string[] | undefined
}

/** Positions in a row. */
export interface CsvColumns {
  readonly count: number
  readonly time: number
  /** Undefined when one device is given for all rows. */
  readonly device: number | undefined
  readonly variables: readonly { readonly index: number; readonly name: string }[]
}

const QUOTED_CHARS_MAX = 60

/** @throws {InvalidError} a column that is missing, has no name, or shares its name with another. */
export function readHeader(header: readonly string[], layout: CsvLayout): CsvColumns {
  if (header.some((name) => name.includes('\ufffd'))) {
    throw new InvalidError('The header is not UTF-8 text; save the file as CSV in UTF-8')
  }
  const repeated = header.find((name, i) => name !== '' && header.indexOf(name) !== i)
  if (repeated !== undefined) {
    throw new InvalidError(`The header has two columns called ${quote(repeated)}; rename one of them`)
  }
  const time =
    layout.timeColumn === undefined ? 0 : indexOf(header, { field: 'time_column', name: layout.timeColumn })
  const device =
    'name' in layout.device
      ? undefined
      : indexOf(header, { field: 'device_column', name: layout.device.column })
  if (device === time) {
    throw InvalidError.field(
      'device_column',
      `${quote(header[time])} holds the times; name the time_column too`,
    )
  }
  const variables =
    layout.columns?.map((name) => ({ index: indexOf(header, { field: 'columns', name }), name })) ??
    header.map((name, index) => ({ index, name })).filter(({ index }) => index !== time && index !== device)
  checkVariables(variables, { time, device })
  return { count: header.length, time, device, variables }
}

function indexOf(header: readonly string[], { field, name }: { field: string; name: string }): number {
  const index = header.indexOf(name)
  if (index >= 0 && name !== '') return index
  throw InvalidError.field(field, `the header has no ${quote(name)}, only: ${quote(header.join(', '))}`)
}

function checkVariables(
  variables: CsvColumns['variables'],
  { time, device }: Pick<CsvColumns, 'time' | 'device'>,
): void {
  if (variables.length === 0) {
    throw new InvalidError('The header names no column of values; is the delimiter right?')
  }
  for (const { index, name } of variables) {
    if (name === '') {
      throw new InvalidError(
        `Column ${index + 1} has no name; name it, or name the ones to import in columns`,
      )
    }
    if (index === time || index === device) {
      throw InvalidError.field('columns', `${quote(name)} holds the ${index === time ? 'times' : 'devices'}`)
    }
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length <= QUOTED_CHARS_MAX ? text : `${text.slice(0, QUOTED_CHARS_MAX)}…`)
}
