/** An upload from its first byte to its ids. Bytes go to the blob store as they arrive. */
import type { Readable } from 'node:stream'
import { checkAnnouncement, type NewPackageFile, publishTag } from '../../catalog/publish-tag.ts'
import type { Publisher } from '../../catalog/tag-changes.ts'
import { TooLargeError } from '../../errors.ts'
import { boundaryOf, type MultipartPart, readParts } from '../../http/multipart-parts.ts'
import { uploadChunks } from '../../http/upload-chunks.ts'
import { mediaTypeOf } from './file-names.ts'
import { type PackagesServices, policyOf } from './services.ts'
import type { UploadAllowance } from './upload-allowance.ts'
import { checkUpload, type PathNames, type UploadNames } from './upload-checks.ts'
import { UploadForm } from './upload-form.ts'

export interface UploadRequest {
  readonly publisher: Publisher
  readonly path: PathNames
  readonly contentType: string | undefined
  readonly body: Readable | undefined
  readonly isReplacing: boolean
}

/** Of a file. The JSON in the name of the other part may have some KiB. */
const HEADER_BYTES_MAX = 64 * 1024
const PARTS_MAX = 100

type Stored = Omit<NewPackageFile, 'name' | 'media_type'>

/**
 * @returns The ids of package and tag.
 * @throws {AppError} with the messages that clients know; nothing is published then.
 */
export async function takeUpload(
  services: PackagesServices,
  allowance: UploadAllowance,
  request: UploadRequest,
): Promise<{ packageId: number; tagId: number }> {
  const upload = new Upload(services, allowance, request)
  try {
    await allowance.run(() => upload.read())
    return await upload.publish()
  } catch (error) {
    allowance.lose(request.publisher.accountId, upload.takenBytes)
    throw error
  }
}

class Upload {
  readonly #services: PackagesServices
  readonly #allowance: UploadAllowance
  readonly #request: UploadRequest
  readonly #form = new UploadForm()
  /** As they came. */
  readonly #fileNames: string[] = []
  readonly #files: Stored[] = []

  constructor(services: PackagesServices, allowance: UploadAllowance, request: UploadRequest) {
    this.#services = services
    this.#allowance = allowance
    this.#request = request
  }

  get takenBytes(): number {
    return this.#files.reduce((sum, { size_bytes }) => sum + size_bytes, 0)
  }

  async read(): Promise<void> {
    const { body, contentType } = this.#request
    const boundary = boundaryOf(contentType)
    if (body === undefined || boundary === undefined) return
    const options = { boundary, partsMax: PARTS_MAX, headerBytesMax: HEADER_BYTES_MAX }
    for await (const part of readParts(uploadChunks(body), options)) {
      const fileName = await this.#form.take(part)
      if (fileName === undefined) continue
      this.#fileNames.push(fileName)
      await this.#store(part)
    }
  }

  async publish(): Promise<{ packageId: number; tagId: number }> {
    const { catalog, clock, config } = this.#services
    const { packageTitle, tag, fileNames } = this.#names()
    const { publisher, isReplacing } = this.#request
    const files = fileNames.map((name, index) => ({
      name,
      media_type: mediaTypeOf(name),
      ...this.#files[index],
    }))
    const publication = { packageTitle, tag, publisher, files, isReplacing, nowUs: clock.nowUs() }
    return publishTag(catalog, publication, policyOf(config))
  }

  async #store({ body }: MultipartPart): Promise<void> {
    const { blobs, catalog, config } = this.#services
    const { publisher } = this.#request
    // Nothing is written to the disk of what would be refused afterwards, where that is known by now.
    if (this.#form.isAnnounced) {
      await checkAnnouncement(catalog, { ...this.#request, ...this.#names() }, policyOf(config))
    }
    const bytesMax = await this.#allowance.bytesMax(publisher, this.takenBytes)
    const blob = await blobs.put(body, { bytesMax }).catch((error) => {
      throw error instanceof TooLargeError ? this.#allowance.refusal(bytesMax) : error
    })
    this.#files.push({ size_bytes: blob.sizeBytes, sha256: blob.sha256, md5: blob.md5 })
  }

  #names(): UploadNames {
    const { fileTypes } = this.#services.config
    const files = { names: this.#fileNames, types: fileTypes }
    return checkUpload(this.#form.parameters(), this.#request.path, files)
  }
}
