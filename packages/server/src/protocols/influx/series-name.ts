/** What a series and a field of line protocol are called here: the device and the variable they stand for. */
import type { SeriesName } from '../../ingest/name-resolver.ts'

/** What all fields of a series share. */
export interface ParsedSeries {
  readonly measurement: string
  readonly device: string
  /** `{k=v,…}` behind the names of its variables; empty without such tags. */
  readonly suffix: string
}

/** The first of these that a line has names its device. */
const DEVICE_TAGS = ['device', 'device_id', 'host', 'id', 'topic'] as const
/** Its variable is called after the measurement alone. */
const PLAIN_FIELD = 'value'
const QUOTED_CHARS_MAX = 40

const decoder = new TextDecoder()

/**
 * Reads measurement and tags of a key as it was written. The device is the value of the first tag of
 * `DEVICE_TAGS` that is there, else the measurement; the other tags become the suffix. Of a tag that is given
 * twice the last value counts. A string is the reason why the key cannot be read.
 */
export function parseSeries(key: Uint8Array): ParsedSeries | string {
  const [written, ...parts] = splitUnescaped(decoder.decode(key), ',')
  if (written === '') return 'The measurement is missing'
  const measurement = unescaped(written)
  const tags = new Map<string, string>()
  for (const part of parts) {
    const equals = indexOfUnescaped(part, '=', 0)
    if (equals <= 0 || equals === part.length - 1) {
      const shown = JSON.stringify(part.slice(0, QUOTED_CHARS_MAX))
      return `${shown} is no tag; write name=value, neither of them empty`
    }
    tags.set(unescaped(part.slice(0, equals)), unescaped(part.slice(equals + 1)))
  }
  const deviceTag = DEVICE_TAGS.find((tag) => tags.has(tag))
  const others = [...tags].filter(([name]) => name !== deviceTag).sort(([a], [b]) => (a < b ? -1 : 1))
  const suffix = others.map(([name, value]) => `${escapedTag(name)}=${escapedTag(value)}`).join(',')
  return {
    measurement,
    device: deviceTag === undefined ? measurement : tags.get(deviceTag)!,
    suffix: suffix === '' ? '' : `{${suffix}}`,
  }
}

/** The variable is `measurement.field`, or the measurement for a field called `value`, and the suffix. */
export function seriesNameOf(
  { measurement, device, suffix }: ParsedSeries,
  fieldKey: Uint8Array,
): SeriesName {
  const field = unescaped(decoder.decode(fieldKey))
  const variable = field === PLAIN_FIELD ? measurement : `${measurement}.${field}`
  return { device, variable: variable + suffix }
}

/** A backslash takes the meaning from a comma, a blank and an equals sign; before anything else it is itself. */
function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\([, =])/g, '$1') : text
}

/** Two different lists of tags never give one text. */
function escapedTag(text: string): string {
  return text.replace(/[,=]/g, '\\$&')
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  for (
    let at = indexOfUnescaped(text, separator, 0);
    at >= 0;
    at = indexOfUnescaped(text, separator, start)
  ) {
    parts.push(text.slice(start, at))
    start = at + 1
  }
  parts.push(text.slice(start))
  return parts
}

function indexOfUnescaped(text: string, wanted: string, from: number): number {
  let at = text.indexOf(wanted, from)
  while (at > from && text[at - 1] === '\\') at = text.indexOf(wanted, at + 1)
  return at
}
