/**
 * Keys are kept as HMACs under a secret of this installation. They come with every packet, so that a slow hash
 * is no choice: after a restart a fleet would wait for minutes until each key had been checked once.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CatalogDb } from '../../catalog/schema.ts'
import { getOrCreateSecret } from '../../catalog/settings.ts'

const SECRET = { name: 'pipeline_key_secret', sizeBytes: 32 }

export class PipelineKeys {
  readonly #secret: Buffer

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

  isKeyOf({ number, keyHash }: { number: number; keyHash: Buffer }, key: string): boolean {
    return timingSafeEqual(this.hash(number, key), keyHash)
  }
}
