/**
 * Forms that somebody without credentials may send once they were given the fields: what may be uploaded, where
 * to and until when is in the field `policy`, which the field `signature` seals.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CatalogDb } from '../../catalog/schema.ts'
import { getOrCreateSecret } from '../../catalog/settings.ts'
import { ForbiddenError } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import { US_PER_HOUR } from '../../model/time.ts'

export interface UploadPolicy {
  readonly fileId: string
  /** Shown in the form as well, for clients that look at it. */
  readonly key: string
  readonly acl: string
  readonly contentType: string
  readonly bytesMax: number
  readonly expiresAtUs: number
}

export type UploadFields = Readonly<Record<string, string>>

const SECRET_NAME = 'upload_secret'
const SECRET_BYTES = 32
const LIFE_US = US_PER_HOUR

export class UploadForms {
  readonly #clock: Clock
  readonly #catalog: CatalogDb
  #secret: Buffer | undefined

  constructor({ catalog, clock }: { catalog: CatalogDb; clock: Clock }) {
    this.#clock = clock
    this.#catalog = catalog
  }

  /** The fields of a form, good for an hour. */
  async sign(upload: Omit<UploadPolicy, 'expiresAtUs'>): Promise<UploadFields> {
    const sealed: UploadPolicy = { ...upload, expiresAtUs: this.#clock.nowUs() + LIFE_US }
    const policy = Buffer.from(JSON.stringify(sealed)).toString('base64url')
    const { key, acl, contentType } = upload
    return { key, acl, 'Content-Type': contentType, policy, signature: await this.#signature(policy) }
  }

  /** @throws {ForbiddenError} the fields are not as they were handed out, or too old. */
  async verify(fields: UploadFields): Promise<UploadPolicy> {
    const { policy = '', signature = '', key, acl, 'Content-Type': contentType } = fields
    if (!isSame(signature, await this.#signature(policy))) {
      throw new ForbiddenError('Send all fields as they were given, before the file.')
    }
    const sealed = JSON.parse(Buffer.from(policy, 'base64url').toString()) as UploadPolicy
    if (sealed.expiresAtUs <= this.#clock.nowUs()) {
      throw new ForbiddenError('This form has expired. Ask for another one.')
    }
    if (key !== sealed.key || acl !== sealed.acl || contentType !== sealed.contentType) {
      throw new ForbiddenError('The fields of this form were changed. Send them as they were given.')
    }
    return sealed
  }

  async #signature(policy: string): Promise<string> {
    this.#secret ??= await getOrCreateSecret(this.#catalog, { name: SECRET_NAME, sizeBytes: SECRET_BYTES })
    return createHmac('sha256', this.#secret).update(policy).digest('hex')
  }
}

function isSame(given: string, right: string): boolean {
  const bytes = Buffer.from(given)
  return bytes.length === right.length && timingSafeEqual(bytes, Buffer.from(right))
}
