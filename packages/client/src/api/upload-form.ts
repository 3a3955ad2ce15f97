/** Files on their way out, as `multipart/form-data` with the part `file`. */

/** Where the bytes of a file come from. A `File` brings its name along. */
export type FileSource =
  | Blob
  | ArrayBuffer
  | Uint8Array<ArrayBuffer>
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>

/** Fields that go with a file. */
export type FormFields = Readonly<Record<string, string | number | boolean>>

export interface UploadForm {
  readonly body: FormData | ReadableStream<Uint8Array>
  /** Where the body does not bring it along. */
  readonly contentType?: string
  readonly sizeBytes: number
}

export interface UploadFormOptions {
  readonly fields?: FormFields | undefined
  /** What the server sees; left out, that of a `File`, else `file`. */
  readonly filename?: string | undefined
}

/** Bytes that are there already go as a form of `fetch`; what comes piece by piece is sent while it comes. */
export function uploadForm(
  source: FileSource,
  { fields = {}, filename = nameOf(source) }: UploadFormOptions = {},
): UploadForm {
  if (source instanceof Blob || source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    const blob = source instanceof Blob ? source : new Blob([source])
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value))
    form.set('file', blob, filename)
    return { body: form, sizeBytes: blob.size }
  }
  const boundary = randomBoundary()
  const parts = multipart({ boundary, fields, filename, source })
  return {
    body: new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await parts.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await parts.return(undefined)
      },
    }),
    contentType: `multipart/form-data; boundary=${boundary}`,
    sizeBytes: 0,
  }
}

function nameOf(source: FileSource): string {
  const { name } = source as { name?: unknown }
  return typeof name === 'string' && name !== '' ? name : 'file'
}

async function* multipart(form: {
  boundary: string
  fields: FormFields
  filename: string
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
}): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const opening = (name: string, rest: string) =>
    `--${form.boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${rest}\r\n\r\n`
  for (const [name, value] of Object.entries(form.fields)) {
    yield encoder.encode(`${opening(name, '')}${value}\r\n`)
  }
  const type = '\r\nContent-Type: application/octet-stream'
  yield encoder.encode(opening('file', `; filename="${quoted(form.filename)}"${type}`))
  yield* 'getReader' in form.source ? chunksOf(form.source) : form.source
  yield encoder.encode(`\r\n--${form.boundary}--\r\n`)
}

/** Not every browser iterates over streams. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } finally {
    await reader.cancel()
  }
}

/** As the standard of forms writes names. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function randomBoundary(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `sonde-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
