/** What tests of firmware run on: the doors beside the native API, a fleet, and packages with two tags. */

import { findAccountByUsername } from '../../catalog/accounts.ts'
import type { AtEnd } from '../../catalog/catalog.fixture.ts'
import { findTag } from '../../catalog/package-tags.ts'
import { findPackage } from '../../catalog/packages.ts'
import { publishTag } from '../../catalog/publish-tag.ts'
import { deleteTag } from '../../catalog/tag-changes.ts'
import { DeviceUpdates } from '../../rollout/device-updates.ts'
import { openVersionPoints } from '../../rollout/version-points.ts'
import { ADMIN, openRestBench } from '../rest/rest.fixture.ts'
import { firmwarePlugin } from './plugin.ts'

export type FirmwareBench = Awaited<ReturnType<typeof openFirmwareBench>>

export interface BoardReply {
  readonly status: number
  readonly text: string
  readonly headers: Record<string, unknown>
}

const WITHOUT_END = Number.POSITIVE_INFINITY
const POLICY = {
  isOwnerOnly: false,
  tagsKept: WITHOUT_END,
  quota: { bytes: WITHOUT_END, packages: WITHOUT_END, tags: WITHOUT_END, files: WITHOUT_END },
}

export async function openFirmwareBench(atEnd: AtEnd) {
  const bench = await openRestBench({}, atEnd)
  const { services, http, ask, clock, store } = bench
  const { catalog, blobs, authenticator, memberships } = services
  const readVersions = openVersionPoints(catalog, (ids) => store.latest(ids))
  const updates = new DeviceUpdates({ db: catalog, clock, readVersions })
  await http.register(firmwarePlugin, {
    prefix: '/firmware',
    ...{ catalog, blobs, authenticator, memberships, updates },
  })
  const admin = await findAccountByUsername(catalog, ADMIN.username)
  const create = async (path: string, body: object) => {
    const reply = await ask(path, { method: 'POST', body })
    if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${reply.text}`)
    return reply.body
  }
  const project = await create('project/', { name: 'Boards', org: 'home' })

  return {
    ...bench,
    project: project.slug as string,
    create,
    /** A tag with these files, by name; their contents are what is after the names. */
    async publish(title: string, tag: string, files: Readonly<Record<string, string>>): Promise<void> {
      const stored = []
      for (const [name, content] of Object.entries(files)) {
        const bytes = (async function* () {
          yield Buffer.from(content)
        })()
        const { sha256, md5, sizeBytes } = await blobs.put(bytes, { bytesMax: 2 ** 25 })
        stored.push({ name, media_type: 'application/octet-stream', size_bytes: sizeBytes, sha256, md5 })
      }
      const publisher = { accountId: admin!.id, isStaff: true }
      const nowUs = clock.nowUs()
      await publishTag(
        catalog,
        { packageTitle: title, tag, publisher, files: stored, isReplacing: false, nowUs },
        POLICY,
      )
    },
    /** Answers why the tag could not be deleted, or `gone`. */
    async remove(title: string, name: string): Promise<string> {
      const owner = await findPackage(catalog, title)
      const tag = await findTag(catalog, { packageId: owner!.id, tag: name })
      const publisher = { accountId: admin!.id, isStaff: true }
      return deleteTag(catalog, { publisher, owner: owner!, tag: tag! }).then(
        () => 'gone',
        (error) => error.message,
      )
    },
    async device(label: string, more: object = {}): Promise<string> {
      return (await create('device/', { label, project: project.id, ...more })).slug
    },
    async key(slug: string): Promise<string> {
      return (await create(`device/${slug}/key/`, {})).key
    },
    /** A rollout of `blinker 2.0`, running. */
    async rollout(more: object = {}): Promise<number> {
      const { id } = await create('rollout/', { org: 'home', package: 'blinker', tag: '2.0', ...more })
      const started = await ask(`rollout/${id}/start/`, { method: 'POST' })
      if (started.status !== 200) throw new Error(started.text)
      return id
    },
    /** A request to the doors, as the administrator unless told otherwise. */
    async board(
      path: string,
      {
        method = 'GET',
        headers = {},
        body,
      }: { method?: 'GET' | 'HEAD' | 'POST'; headers?: object; body?: object } = {},
    ): Promise<BoardReply> {
      const reply = await http.inject({
        method,
        url: `/firmware/${path}`,
        headers: given({ authorization: `Token ${ADMIN.token}`, ...headers }),
        ...(body === undefined ? {} : { payload: body }),
      })
      return { status: reply.statusCode, text: reply.body, headers: reply.headers }
    },
    /** What HTTPUpdate of an ESP8266 sends; answers its status, or the bytes that it gets. */
    async update(slug: string, version: string, headers: object = {}): Promise<string | number> {
      const { status, text } = await this.board(slug, {
        headers: {
          'user-agent': 'ESP8266-http-Update',
          'x-ESP8266-mode': 'sketch',
          'x-ESP8266-version': version,
          ...headers,
        },
      })
      return status === 200 ? text : status
    },
    /** Where a device is in a rollout: `verifying 0/1` for no failure of one attempt. */
    async stateOf(id: number, slug: string): Promise<string> {
      const { body } = await ask(`rollout/${id}/devices/?page_size=1000`)
      const found = body.results.find(({ device }: { device: string }) => device === slug)
      return `${found.state} ${found.failures}/${found.attempts}`
    },
  }
}

/** Without those that are undefined. */
function given(headers: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Record<string, string>
}

export type RolloutSteps = ReturnType<typeof rolloutSteps>

/** What tests of rollouts do again and again. */
export function rolloutSteps(bench: FirmwareBench) {
  let boards = 0
  const register = (fleet: string, device: string) => bench.create(`fleet/${fleet}/register/`, { device })
  return {
    register,
    /** A fleet of new devices. */
    async fleetOf(count: number): Promise<{ fleet: string; slugs: string[] }> {
      const fleet = (await bench.create('fleet/', { name: 'f', org: 'home' })).slug
      const slugs = []
      for (let i = 0; i < count; i++) slugs.push(await bench.device(`board ${boards++}`))
      for (const slug of slugs) await register(fleet, slug)
      return { fleet, slugs }
    },
    /** Answers the state of the rollout after it, or the status of a refusal. */
    async act(id: number, action: string): Promise<string | number> {
      const { status, body } = await bench.ask(`rollout/${id}/${action}/`, { method: 'POST' })
      return status === 200 ? body.state : status
    },
    read: async (id: number) => (await bench.ask(`rollout/${id}/`)).body,
    /** Downloads, and comes back as `version`. */
    async flash(slug: string, version = '2.0'): Promise<void> {
      if (typeof (await bench.update(slug, '1.0')) !== 'string') throw new Error(`nothing new for ${slug}`)
      await bench.update(slug, version)
    },
  }
}
