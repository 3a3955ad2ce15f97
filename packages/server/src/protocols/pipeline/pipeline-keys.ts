/**
 * Keys are kept as HMACs under a secret of this installation. They come with every packet, so that a slow hash
 * is no choice: after a restart a fleet would wait for minutes until each key had been checked once. What was found
 * right is remembered in this process as its SHA-256, which takes a fifth of the time to compare.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { CatalogDb } from '../../catalog/schema.ts'
import { getOrCreateSecret } from '../../catalog/settings.ts'

/** What was read of a pipeline; another one is read when its key changes. */
interface KeyHolder {
  readonly number: number
  readonly keyHash: Buffer
}

const SECRET = { name: 'pipeline_key_secret', sizeBytes: 32 }

export class PipelineKeys {
  readonly #secret: Buffer
  readonly #verified = new WeakMap<KeyHolder, Buffer>()

  constructor(secret: Buffer) {
    this.#secret = secret
  }

  static async open(catalog: CatalogDb): Promise<PipelineKeys> {
    return new PipelineKeys(await getOrCreateSecret(catalog, SECRET))
  }

  /** The number is in it, so that equal keys of two pipelines do not look alike. */
  hash(number: number, key: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${number}\0${key}`).digest()
  }

  isKeyOf(pipeline: KeyHolder, key: string): boolean {
    const digest = hash('sha256', key, 'buffer')
    const verified = this.#verified.get(pipeline)
    if (verified !== undefined) return timingSafeEqual(digest, verified)
    const isRight = timingSafeEqual(this.hash(pipeline.number, key), pipeline.keyHash)
    if (isRight) this.#verified.set(pipeline, digest)
    return isRight
  }
}
