/**
 * The parameters of a `Content-Disposition` header in an upload, as senders write them: a quotation mark and a
 * backslash within quotation marks have a backslash before them, every other backslash stands for itself.
 */

/** Names of parameters in lower case; `filename*` keeps its star, and its value is decoded. */
export type DispositionParameters = ReadonlyMap<string, string>

/** The first of a repeated parameter counts. What cannot be understood is left out. */
export function parseDisposition(header: string): DispositionParameters {
  const parameters = new Map<string, string>()
  const pattern = /\s*;\s*([^\s=;"]+)\s*=\s*(?:"((?:\\[\s\S]|[^"\\])*)"|([^\s;"][^;"]*)?(?!"))/gy
  pattern.lastIndex = /^[^\s;"]*/.exec(header)?.[0].length ?? 0
  for (let match = pattern.exec(header); match !== null; match = pattern.exec(header)) {
    const [, name, quoted, bare = ''] = match
    const value = quoted === undefined ? bare.trim() : quoted.replace(/\\(["\\])/g, '$1')
    const key = name.toLowerCase()
    const decoded = key.endsWith('*') ? decodeExtended(value) : value
    if (decoded !== undefined && !parameters.has(key)) parameters.set(key, decoded)
  }
  return parameters
}

/** `UTF-8''na%C3%AFve.bin`, RFC 8187. */
function decodeExtended(text: string): string | undefined {
  const [, charset, encoded] = /^([\w-]+)'[^']*'(.*)$/s.exec(text) ?? []
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(
    encoded.replace(/%([0-9a-f]{2})/gi, (_, hex) => latin1OfHex(hex)),
    'latin1',
  )
  switch (charset.toLowerCase()) {
    case 'utf-8':
      return bytes.toString('utf8')
    case 'iso-8859-1':
      return bytes.toString('latin1')
    default:
      return undefined
  }
}

function latin1OfHex(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}
