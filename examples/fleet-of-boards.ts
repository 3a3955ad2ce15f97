/**
 * Five hundred boards that are not there get a new program in three stages. Those of the second stage have another
 * memory chip: the program that went well in the first does not start on them. The rollout pauses by itself, says why,
 * and takes everybody back. `node examples/fleet-of-boards.ts` talks to SONDE_URL with SONDE_TOKEN; `--count 40` makes
 * a smaller fleet. Each board speaks as HTTPUpdate of an ESP8266 does, and checks the signature of what it gets.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { parseArgs } from 'node:util'

const { SONDE_URL = 'http://localhost:8080', SONDE_TOKEN = '' } = process.env
const { values } = parseArgs({ options: { count: { type: 'string', default: '500' } } })
const COUNT = Number(values.count)
/** Boards that ask at the same time. */
const AT_ONCE = 16
const ROUNDS_MAX = 40

interface SimulatedBoard {
  readonly slug: string
  readonly mac: string
  /** Whether the new program starts on it. */
  readonly isFit: boolean
  version: string
}

/** What is read of the answers of the API. */
interface Answer {
  readonly id: string | number
  readonly slug: string
  readonly results: readonly { readonly slug: string }[]
  readonly state: string
  readonly reason: string
  readonly devices: { readonly rolled_back: number; readonly pending: number }
}

const run = randomBytes(3).toString('hex')
const release = generateKeyPairSync('ed25519')
const API = { authorization: `Token ${SONDE_TOKEN}` }

const org = (await api('GET', 'org/')).results[0].slug
const project = await api('POST', 'project/', { name: `Boards ${run}`, org })
await api('POST', 'user/signing_keys', { name: run, public_key: base64Of(release.publicKey) })
const digests = { '1.0': await publish('1.0'), '2.0': await publish('2.0') }
await refuseForgery()

const fleet = await newFleet('all')
const desk = await newFleet('on my desk')
const early = await newFleet('early')
const boards: SimulatedBoard[] = []
for (let i = 0; i < COUNT; i++) boards.push(await newBoard(i))
const stages = [{ fleet: desk }, { fleet: early }, { percent: 100 }]
const made = { org, package: `blinker-${run}`, tag: '2.0', fleet, stages, attempts_min: 10, attempts_max: 2 }
const { id } = await api('POST', 'rollout/', made)
await api('POST', `rollout/${id}/start/`)

await until('paused')
const paused = await api('GET', `rollout/${id}/`)
console.log(`paused: ${paused.reason}`)
console.log(`${running('2.0')} boards run 2.0, ${running('1.0')} run 1.0`)

await api('POST', `rollout/${id}/rollback/`)
await until('rolled_back')
const { devices } = await api('GET', `rollout/${id}/`)
console.log(`rolled back: ${devices.rolled_back} boards; ${devices.pending} never heard of it`)
console.log(`${running('1.0')} of ${COUNT} boards run 1.0`)

/** Every board wakes up, looks for something new, installs it, and wakes up again, until the rollout says so. */
async function until(state: string): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const queue = boards.values()
    await Promise.all(Array.from({ length: AT_ONCE }, () => wakeAll(queue)))
    if ((await api('GET', `rollout/${id}/`)).state === state) return
  }
  throw new Error(`The rollout is not ${state} after ${ROUNDS_MAX} rounds.`)
}

async function wakeAll(queue: Iterator<SimulatedBoard>): Promise<void> {
  for (let next = queue.next(); !next.done; next = queue.next()) await wake(next.value)
}

async function wake(board: SimulatedBoard): Promise<void> {
  const reply = await fetch(`${SONDE_URL}/firmware/${board.slug}`, { headers: headersOf(board) })
  if (reply.status === 304) return
  if (reply.status !== 200) throw new Error(`${reply.status}: ${await reply.text()}`)
  const bytes = Buffer.from(await reply.arrayBuffer())
  const isWhole = reply.headers.get('content-length') === String(bytes.length)
  if (!isWhole || reply.headers.get('x-md5') !== createHash('md5').update(bytes).digest('hex')) return
  const version = reply.headers.get('x-firmware-version') ?? ''
  const signature = await fetch(`${SONDE_URL}/firmware/${board.slug}/blinker-${version}.bin.sig`, {
    headers: API,
  })
  const digest = createHash('sha256').update(bytes).digest()
  if (!verify(null, digest, release.publicKey, Buffer.from(await signature.arrayBuffer()))) {
    const body = JSON.stringify({ error: 'the signature does not fit' })
    const headers = { ...API, 'content-type': 'application/json' }
    await fetch(`${SONDE_URL}/firmware/${board.slug}/report`, { method: 'POST', headers, body })
    return
  }
  // A program that does not start is left by the boot loader for the one before.
  if (version === '1.0' || board.isFit) board.version = version
  await fetch(`${SONDE_URL}/firmware/${board.slug}`, { method: 'HEAD', headers: headersOf(board) })
}

function headersOf({ mac, version }: SimulatedBoard): Record<string, string> {
  return {
    ...API,
    'user-agent': 'ESP8266-http-Update',
    'x-ESP8266-STA-MAC': mac,
    'x-ESP8266-AP-MAC': mac,
    'x-ESP8266-free-space': '2736128',
    'x-ESP8266-sketch-size': '408640',
    'x-ESP8266-chip-size': '4194304',
    'x-ESP8266-sdk-version': '2.2.1(cfd48f3)',
    'x-ESP8266-mode': 'sketch',
    'x-ESP8266-version': version,
  }
}

function running(version: string): number {
  return boards.filter((board) => board.version === version).length
}

/** A tag with a program and its signature; answers the digest. */
async function publish(tag: string): Promise<Buffer> {
  const bytes = Buffer.from(`program ${tag} ${run} `.repeat(200))
  const name = `blinker-${tag}.bin`
  const form = new FormData()
  form.append('json', new Blob(['']), JSON.stringify({ package_name: `blinker-${run}`, tag }))
  form.append('file', new Blob([bytes]), name)
  const reply = await fetch(`${SONDE_URL}/api/v1/packages`, { method: 'POST', headers: API, body: form })
  if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`)
  const digest = createHash('sha256').update(bytes).digest()
  await putSignature(tag, sign(null, digest, release.privateKey))
  return digest
}

async function putSignature(tag: string, signature: Buffer): Promise<void> {
  const path = `packages/blinker-${run}/${tag}/blinker-${tag}.bin.sig`
  await api('PUT', path, { signature: signature.toString('base64') })
}

/** Neither a signature with one bit changed nor one of another program is taken. */
async function refuseForgery(): Promise<void> {
  const changed = sign(null, digests['2.0'], release.privateKey)
  changed[7] ^= 1
  for (const forged of [changed, sign(null, digests['1.0'], release.privateKey)]) {
    const message = await putSignature('2.0', forged).then(
      () => 'a forged signature was taken',
      (error) => error.message,
    )
    if (!message.startsWith('400')) throw new Error(message)
  }
  console.log('forged signatures are refused')
}

async function newFleet(name: string): Promise<string> {
  return (await api('POST', 'fleet/', { name: `${name} ${run}`, org })).slug
}

/** Of ten boards one is on the desk, three are early ones with the other chip. */
async function newBoard(number: number): Promise<SimulatedBoard> {
  const mac = `02:00:00:00:${hex(number >> 8)}:${hex(number & 255)}`
  const external_id = `${run} ${mac}`
  const { slug } = await api('POST', 'device/', {
    label: `board ${number}`,
    project: project.id,
    external_id,
  })
  const [isOnDesk, isEarly] = [number % 10 === 0, number % 10 > 0 && number % 10 <= 3]
  await api('POST', `fleet/${fleet}/register/`, { device: slug })
  if (isOnDesk) await api('POST', `fleet/${desk}/register/`, { device: slug })
  if (isEarly) await api('POST', `fleet/${early}/register/`, { device: slug })
  return { slug, mac, isFit: !isEarly, version: '1.0' }
}

async function api(method: string, path: string, body?: object): Promise<Answer> {
  const headers = { ...API, 'content-type': 'application/json' }
  const address = `${SONDE_URL}/api/v1/${path}`
  const reply = await fetch(address, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await reply.text()
  if (!reply.ok) throw new Error(`${reply.status}: ${text.trim()}`)
  return JSON.parse(text)
}

function base64Of(key: KeyObject): string {
  const { x = '' } = key.export({ format: 'jwk' })
  return Buffer.from(x, 'base64url').toString('base64')
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
