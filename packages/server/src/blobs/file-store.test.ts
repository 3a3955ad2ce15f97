import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { FileStore } from './file-store.ts'

const HELLO = createHash('sha256').update('hello').digest('hex')
const MANY = { bytesMax: 1_000_000 }

let folder: string
let store: FileStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-blobs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  store = await FileStore.open(folder)
})

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

const textOf = async (sha256: string, range?: { start: number; end: number }) =>
  (await buffer(await store.read(sha256, range))).toString()

const incoming = () => readdir(join(folder, 'incoming'))

/** As if the blob had been put two hours ago. */
async function age(sha256: string): Promise<void> {
  const then = new Date(Date.now() - 2 * 3_600_000)
  await utimes(join(folder, sha256.slice(0, 2), sha256), then, then)
}

describe('put and read', () => {
  it('keeps bytes under their hash', async () => {
    const blob = await store.put(chunksOf('hel', '', 'lo'), MANY)
    expect(blob).toEqual({ sha256: HELLO, md5: '5d41402abc4b2a76b9719d911017c592', sizeBytes: 5 })
    expect(await textOf(HELLO)).toBe('hello')
    expect(await incoming()).toEqual([])
  })

  it('keeps no bytes as well', async () => {
    const { sha256, sizeBytes } = await store.put(chunksOf(), MANY)
    expect(sizeBytes).toBe(0)
    expect(await textOf(sha256)).toBe('')
  })

  it('keeps the same bytes once, also when they come at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, () => store.put(chunksOf('hello'), MANY)))
    expect(await store.stats()).toEqual({ blobs: 1, bytes: 5 })
    expect(await incoming()).toEqual([])
  })

  it('reads any range of any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.nat(),
        async (bytes, a, b) => {
          const start = a % bytes.length
          const end = start + 1 + (b % (bytes.length - start))
          const { sha256 } = await store.put(
            (async function* () {
              yield bytes
            })(),
            MANY,
          )
          const read = await buffer(await store.read(sha256, { start, end }))
          expect(Uint8Array.from(read)).toEqual(bytes.slice(start, end))
        },
      ),
      { numRuns: 50 },
    )
  })

  it.each(['', 'x', '../incoming', `../${HELLO}`, HELLO.toUpperCase(), HELLO])(
    'knows no blob %j',
    async (name) => {
      await expect(store.read(name)).rejects.toMatchObject({ code: 'not_found' })
    },
  )
})

describe('a put that fails leaves nothing', () => {
  it('for more bytes than are allowed', async () => {
    const put = store.put(chunksOf('hello', ' world'), { bytesMax: 10 })
    await expect(put).rejects.toMatchObject({ code: 'too_large' })
    expect([await incoming(), await store.stats()]).toEqual([[], { blobs: 0, bytes: 0 }])
  })

  it('for a connection that breaks', async () => {
    async function* broken() {
      yield Buffer.from('hel')
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET', syscall: 'read' })
    }
    await expect(store.put(broken(), MANY)).rejects.toThrow('aborted')
    expect([await incoming(), await store.stats()]).toEqual([[], { blobs: 0, bytes: 0 }])
  })

  it('for a disk that does not take it', async () => {
    await rm(join(folder, 'incoming'), { recursive: true })
    await writeFile(join(folder, 'incoming'), '')
    await expect(store.put(chunksOf('hello'), MANY)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('for a process that was killed: the next one clears up', async () => {
    await writeFile(join(folder, 'incoming', 'half'), 'hel')
    store = await FileStore.open(folder)
    expect(await incoming()).toEqual([])
  })
})

describe('sweep', () => {
  const nothing = async () => new Set<string>()

  it('removes what is old and not named', async () => {
    await store.put(chunksOf('hello'), MANY)
    const other = await store.put(chunksOf('kept'), MANY)
    await age(HELLO)
    await age(other.sha256)
    expect(await store.sweep(async () => new Set([other.sha256]))).toEqual({ blobs: 1, bytes: 5 })
    await expect(store.read(HELLO)).rejects.toMatchObject({ code: 'not_found' })
    expect(await textOf(other.sha256)).toBe('kept')
  })

  it('keeps what was put within the hour, also for the second time', async () => {
    await store.put(chunksOf('hello'), MANY)
    await age(HELLO)
    await store.put(chunksOf('hello'), MANY)
    expect(await store.sweep(nothing)).toEqual({ blobs: 0, bytes: 0 })
  })

  it('removes nothing while somebody holds', async () => {
    await store.put(chunksOf('hello'), MANY)
    await age(HELLO)
    const release = store.hold()
    expect(await store.sweep(nothing)).toEqual({ blobs: 0, bytes: 0 })
    release()
    expect(await store.sweep(nothing)).toEqual({ blobs: 1, bytes: 5 })
  })
})
