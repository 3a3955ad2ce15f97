/**
 * The form of an upload: a part `json`, whose file name is a JSON text with the parameters, and parts `file`.
 * Clients write that file name in several ways, and some cannot write it at all, so the parameters are looked
 * for in several places.
 */
import { InvalidError, TooLargeError } from '../../errors.ts'
import { parseDisposition } from '../../http/content-disposition.ts'
import type { MultipartPart } from '../../http/multipart-parts.ts'
import { type JsonMembers, parseObject } from './json-request.ts'

const TEXT_BYTES_MAX = 64 * 1024
const MEMBERS = ['package_name', 'tag'] as const
const NOT_JSON = 'json is not valid'

export class UploadForm {
  readonly #fields = new Map<string, string>()
  /** Texts that may be the parameters, the likeliest first; undefined before a part `json` came. */
  #candidates: string[] | undefined

  /** Whether a part `json` came; what comes later cannot change what is asked for. */
  get isAnnounced(): boolean {
    return this.#candidates !== undefined
  }

  /**
   * Takes a part.
   * @returns The name of the file, when it is one to be published; its body is then left to the caller.
   * @throws {TooLargeError} a text of more than 64 KiB.
   */
  async take({ headers, body }: MultipartPart): Promise<string | undefined> {
    const disposition = parseDisposition(headers.get('content-disposition') ?? '')
    const name = disposition.get('name')
    const fileName = disposition.get('filename') ?? disposition.get('filename*')
    if (name === 'file' && fileName !== undefined) return fileName
    if (name === 'json') {
      const plain = disposition.get('filename')
      const extended = disposition.get('filename*')
      this.#candidates ??= [
        ...(plain === undefined ? [] : [plain, percentDecoded(plain)]),
        ...(extended === undefined ? [] : [extended]),
        await readText(body),
      ]
    } else if (MEMBERS.some((member) => member === name)) {
      this.#fields.set(name!, await readText(body))
    }
    return undefined
  }

  /** @throws {InvalidError} there are none, or they are no JSON object. */
  parameters(): JsonMembers {
    for (const text of this.#candidates ?? []) {
      const json = objectOrUndefined(text)
      if (json !== undefined) return json
    }
    if (this.#fields.size > 0) return Object.fromEntries(this.#fields)
    throw new InvalidError(this.isAnnounced ? NOT_JSON : 'json not in POST request')
  }
}

function objectOrUndefined(text: string): JsonMembers | undefined {
  try {
    return parseObject(text, NOT_JSON)
  } catch {
    return undefined
  }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replaceAll('%22', '"')
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += chunk.length
    if (sizeBytes > TEXT_BYTES_MAX)
      throw new TooLargeError(`A text in a form has at most ${TEXT_BYTES_MAX} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
