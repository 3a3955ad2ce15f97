/** A cloud in memory, over HTTP, for tests of programs that use the API. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { addData, type MockData } from './add-data.ts'
import { answerRequest } from './answer-request.ts'
import type { Answer } from './mock-http.ts'
import { clearState, emptyState, type MockObject, type MockState } from './mock-state.ts'
import {
  addDeployment,
  addDevice,
  addFleet,
  addOrg,
  addOtaDevice,
  addProject,
  addStreamer,
  addUser,
  type FleetMember,
} from './quick-add.ts'
import { StreamFolder } from './stream-folder.ts'

export interface MockCloudOptions {
  /** What is there from the start, and after every `reset`. */
  readonly config?: MockData | undefined
  /** Where the points of streams lie: `<slug>.json` or `<slug>.csv`. */
  readonly streamFolder?: string | undefined
}

export class MockCloud {
  readonly #state: MockState = emptyState()
  readonly #folder = new StreamFolder()
  readonly #config: MockData
  #server: Server | undefined
  #origin = ''

  /** Requests since the start or the last reset, and those of them that were answered with 400 or more. */
  requestCount = 0
  errorCount = 0

  constructor({ config = {}, streamFolder }: MockCloudOptions = {}) {
    this.#config = config
    this.#folder.path = streamFolder
    addData(this.#state, config)
  }

  /** Listens on a free port of this machine. Resolves to the address, for `new Api({ domain })`. */
  async start({ tls }: { tls?: { key: string; cert: string } } = {}): Promise<string> {
    if (this.#server !== undefined) return this.#origin
    const handle = (request: IncomingMessage, reply: ServerResponse) => void this.#answer(request, reply)
    const server: Server = tls ? createTlsServer(tls, handle) : createServer(handle)
    this.#server = server
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    this.#origin = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
    return this.#origin
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }

  /** As after construction. */
  reset(): void {
    clearState(this.#state)
    addData(this.#state, this.#config)
    this.requestCount = 0
    this.errorCount = 0
  }

  /** Adds objects, or those of a JSON file. */
  async addData(data: MockData | string): Promise<void> {
    const read = typeof data === 'string' ? (JSON.parse(await readFile(data, 'utf8')) as MockData) : data
    addData(this.#state, read)
  }

  get streamFolder(): string | undefined {
    return this.#folder.path
  }

  set streamFolder(path: string | undefined) {
    this.#folder.path = path
    this.#state.points.clear()
  }

  quickAddUser(email = 'test@arch-iot.com', password = 'test'): void {
    addUser(this.#state, email, password)
  }

  /** Resolves to the slug, as the other helpers do. */
  quickAddOrg(name: string, slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-')): string {
    return addOrg(this.#state, name, slug)
  }

  /** UUID and slug. Without an organization it belongs to `quick-test-org`, which is made on demand. */
  quickAddProject(name?: string, org?: string): [id: string, slug: string] {
    return addProject(this.#state, name, org)
  }

  /** `streamers` are the last ids that were acknowledged, by index. */
  quickAddDevice(project: string, deviceId?: number | string, streamers: readonly number[] = []): string {
    return addDevice(this.#state, project, { id: deviceId, streamers })
  }

  quickAddStreamer(device: string, index: number, ack: number, selector?: number): string {
    return addStreamer(this.#state, device, { index, lastId: ack, selector })
  }

  quickAddFleet(devices: readonly FleetMember[], isNetwork = false, slug?: string, org?: string): string {
    return addFleet(this.#state, devices, { isNetwork, slug, org })
  }

  quickAddSg({ slug, appTag }: { slug: string; appTag: number }): void {
    this.#state.sgs.set(slug, { slug, app_tag: appTag })
  }

  quickAddDt({ slug, osTag }: { slug: string; osTag: number }): void {
    this.#state.dts.set(slug, { slug, os_tag: osTag })
  }

  quickAddOtaDeviceInfo(device: string): MockObject {
    return addOtaDevice(this.#state, device)
  }

  /** Number of the request, which all devices of the fleet then have among their deployments. */
  quickAddDeploymentToFleet(fleet: string, script = 'z--0000-0001'): number {
    return addDeployment(this.#state, fleet, script)
  }

  get users() {
    return this.#state.users
  }
  get orgs() {
    return this.#state.orgs
  }
  get projects() {
    return this.#state.projects
  }
  get devices() {
    return this.#state.devices
  }
  get datablocks() {
    return this.#state.datablocks
  }
  get streams() {
    return this.#state.streams
  }
  get properties() {
    return this.#state.properties
  }
  get events() {
    return this.#state.events
  }
  get fleets() {
    return this.#state.fleets
  }
  get streamers() {
    return this.#state.streamers
  }
  get sgs() {
    return this.#state.sgs
  }
  get dts() {
    return this.#state.dts
  }
  get reports() {
    return this.#state.reports
  }
  get rawReportFiles() {
    return this.#state.rawReportFiles
  }

  async #answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    this.requestCount++
    const world = { state: this.#state, folder: this.#folder, origin: this.#origin }
    const answer = await answerRequest(request, world)
    if (answer.status >= 400) this.errorCount++
    send(reply, answer)
  }
}

function send(reply: ServerResponse, { status, body, type = 'application/json' }: Answer): void {
  if (status === 401) reply.setHeader('www-authenticate', 'JWT realm="api"')
  if (body === undefined) {
    reply.writeHead(status).end()
    return
  }
  reply.writeHead(status, { 'content-type': type })
  reply.end(type === 'application/json' ? JSON.stringify(body) : body)
}
