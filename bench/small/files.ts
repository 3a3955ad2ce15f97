/** A package of one large file goes up and down; meanwhile the memory of the server must not grow with it. */
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder, withCleanup } from '../http/cleanup.ts'
import { watchPeak } from '../http/process-tree.ts'
import { LoadError } from '../load/load-error.ts'
import { BENCH_TOKEN, startSonde } from '../peers/sonde.ts'
import type { Finding } from '../report.ts'
import type { SmallPlan } from './plan.ts'

const MIB = 2 ** 20
const MB = 1_000_000
const BOUNDARY = 'bench-boundary'
const TAIL = Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
/** A length that no power of two divides, so that bytes in a wrong place are wrong ones. */
const BLOCK = makeBlock(99_991)
const WAIT_MS_MAX = 20_000
const WAIT_EVERY_MS = 20

/** @throws {LoadError} a file is refused or comes back as another one, or an upload that broke off leaves some. */
export function benchFiles({ fileBytes, tell }: SmallPlan): Promise<Finding[]> {
  return withCleanup(async (belongings) => {
    const folder = await temporaryFolder(belongings)
    const fileMaxMb = Math.ceil(fileBytes / MIB)
    const server = await startSonde(folder, { SONDE_PACKAGES_FILE_MAX_MB: String(fileMaxMb) })
    belongings.defer(() => server.stop())
    const blobs = join(folder, 'blobs')
    const size = `${fileMaxMb} MiB`

    tell(`an upload of ${size} that breaks off`)
    await breakOff(server.port, fileBytes, () => until(async () => (await filesBelow(blobs)).length > 0))
    await until(async () => (await filesBelow(blobs)).length === 0)
    tell(`uploading ${size}`)
    const uploadMs = await timed(() => upload(server.port, fileBytes))
    const afterUploadBytes = watchPeak(server.pid).end()
    const [found, ...others] = await filesBelow(blobs)
    if (found === undefined || others.length > 0) throw new LoadError('The upload has not made one file')
    tell(`downloading ${size}`)
    const downloadMs = await timed(() => download(server.port, fileBytes))
    const peakBytes = watchPeak(server.pid).end()
    return [
      { name: `upload of ${size}`, value: fileBytes / MB / (uploadMs / 1_000), unit: 'MB/s' },
      { name: `download of ${size}`, value: fileBytes / MB / (downloadMs / 1_000), unit: 'MB/s' },
      { name: 'memory, peak until the upload', ...peak(afterUploadBytes) },
      { name: 'memory, peak until the download', ...peak(peakBytes) },
    ]
  })
}

function peak(bytes: number): Pick<Finding, 'value' | 'unit' | 'must'> {
  return { value: bytes / MB, unit: 'MB', must: { atMost: 200 } }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function upload(port: number, fileBytes: number): Promise<void> {
  const request = beginUpload(port, 'whole', fileBytes)
  const replied = once(request, 'response') as Promise<[IncomingMessage]>
  replied.catch(() => {})
  await sendBytes(request, fileBytes)
  request.end(TAIL)
  const [reply] = await replied
  const text = (await reply.setEncoding('utf8').toArray()).join('')
  if (reply.statusCode !== 200) throw new LoadError(`The upload was answered ${reply.statusCode}: ${text}`)
}

/** Sends half of it, and closes the connection once the server has begun to keep it. */
async function breakOff(port: number, fileBytes: number, hasBegun: () => Promise<void>): Promise<void> {
  const request = beginUpload(port, 'broken', fileBytes)
  request.on('error', () => {})
  await sendBytes(request, Math.floor(fileBytes / 2))
  await hasBegun()
  await new Promise((resolve) => request.once('close', resolve).destroy())
}

function beginUpload(port: number, name: string, fileBytes: number): ClientRequest {
  const json = JSON.stringify({ package_name: name, tag: '1' }).replaceAll('"', '%22')
  const head = Buffer.from(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="json"; filename="${json}"\r\n\r\n` +
      `\r\n--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="firmware.bin"\r\n\r\n`,
  )
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/api/v1/packages',
    headers: {
      authorization: `Token ${BENCH_TOKEN}`,
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': head.length + fileBytes + TAIL.length,
    },
  })
  request.write(head)
  return request
}

async function sendBytes(request: ClientRequest, count: number): Promise<void> {
  for (let sent = 0; sent < count; ) {
    const block = BLOCK.subarray(0, Math.min(BLOCK.length, count - sent))
    if (!request.write(block)) await once(request, 'drain')
    sent += block.length
  }
}

async function download(port: number, fileBytes: number): Promise<void> {
  const headers = { authorization: `Token ${BENCH_TOKEN}` }
  const request = httpRequest({ host: '127.0.0.1', port, path: '/api/v1/packages/whole/1', headers })
  request.end()
  const [reply] = (await once(request, 'response')) as [IncomingMessage]
  if (reply.statusCode !== 200) throw new LoadError(`The download was answered ${reply.statusCode}`)
  let at = 0
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    if (!isNext(chunk, at)) throw new LoadError(`The file is another one from byte ${at} on`)
    at += chunk.length
  }
  if (at !== fileBytes) throw new LoadError(`${at} of ${fileBytes} bytes came back`)
}

/** Whether a chunk is what stands at `at` of the file, which is the block again and again. */
function isNext(chunk: Buffer, at: number): boolean {
  for (let done = 0; done < chunk.length; ) {
    const from = (at + done) % BLOCK.length
    const count = Math.min(BLOCK.length - from, chunk.length - done)
    if (BLOCK.compare(chunk, done, done + count, from, from + count) !== 0) return false
    done += count
  }
  return true
}

/** @throws {LoadError} a state of the server's files that has to come does not. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS_MAX
  while (!(await isSo())) {
    if (performance.now() > giveUpAt)
      throw new LoadError('An upload that breaks off begins and leaves nothing; this one did not')
    await sleep(WAIT_EVERY_MS)
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

/** Bytes that follow no pattern which packs well, the same in every run. */
function makeBlock(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count)
  let state = 1
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
}
