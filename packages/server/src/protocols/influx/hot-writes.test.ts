import { once } from 'node:events'
import { connect } from 'node:net'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { findOrgBySlug } from '../../catalog/orgs.ts'
import { OverloadedError } from '../../errors.ts'
import { exchange, listening, NOT_FOR_THE_DOOR } from '../../http/front-door.fixture.ts'
import { MemoryStore } from '../../points/memory-store.ts'
import { ADMIN, type InfluxBench, openInfluxBench } from './influx.fixture.ts'

interface Write {
  readonly url: string
  readonly body?: string
  readonly authorization?: string | null
  readonly headers?: string
}

function bytesOf({ url, body = '', authorization = `Token ${ADMIN.token}`, headers = '' }: Write): string {
  const credentials = authorization === null ? '' : `Authorization: ${authorization}\r\n`
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`
  return `POST ${url} HTTP/1.1\r\nHost: x\r\n${credentials}${headers}${length}Connection: close\r\n\r\n${body}`
}

describe('writes through the front door', () => {
  let bench: InfluxBench
  let port: number
  let hotCount: number
  beforeEach(async () => {
    bench = await openInfluxBench()
    port = await listening(bench.http)
    hotCount = 0
    bench.services.door.onAnswered(() => hotCount++)
  })

  it('are stored before they are answered', async () => {
    const answer = await exchange(port, bytesOf({ url: '/write?db=garden', body: 'm value=1 1000' }))
    expect(answer).toMatch(/^http\/1.1 204 no content\n/)
    expect(await bench.stored()).toEqual({ 'garden/m/m': [[1, 1]] })
    expect(bench.services.ingest.totals).toEqual({ accepted: 1, rejected: 0 })
    expect(hotCount).toBe(1)
  })

  it.each<[name: string, status: number, write: Partial<Write>]>([
    ['good lines', 204, { body: 'm value=1 1000\nn value=2 2000' }],
    ['no lines', 204, {}],
    ['rounded integers', 204, { body: 'm value=9223372036854775807i 1' }],
    ['bad lines among good ones', 400, { body: 'm value=1 1000\nbad\nm value=\nm text="ü' }],
    ['a bad precision', 400, { url: '&precision=x', body: 'm value=1' }],
    ['a project that is not there', 404, { url: '&org=nobody', body: 'm value=1' }],
    ['nobody', 401, { authorization: null }],
    ['a wrong token', 401, { authorization: 'Token wrong' }],
    ['Basic without a colon', 401, { authorization: `Basic ${btoa('admin')}` }],
    ['credentials in the query', 204, { url: `&u=x&p=${ADMIN.token}`, authorization: null, body: 'm v=1 1' }],
    ['a large body', 204, { body: 'm value=1 1000\n'.repeat(20_000) }],
    ['a content type', 204, { headers: 'Content-Type: ;;\r\n', body: 'm v=1 1' }],
  ])('of %s are answered as through node:http', async (_, status, write) => {
    for (const url of ['/write?db=garden', '/api/v2/write?bucket=garden']) {
      const same = { ...write, url: url + (write.url ?? '') }
      const hot = await exchange(port, bytesOf(same))
      const hotCountBefore = hotCount
      const cold = await exchange(
        port,
        bytesOf({ ...same, headers: (same.headers ?? '') + NOT_FOR_THE_DOOR }),
      )
      expect(hotCount).toBe(hotCountBefore)
      // Organisations mean something to version 2 only.
      if (!same.url.includes('org=nobody') || url.includes('v2')) expect(hot).toMatch(`http/1.1 ${status} `)
      expect(hot).toBe(cold)
    }
    expect(hotCount).toBe(2)
  })

  it('count failures together with those through node:http', async () => {
    const wrong = { url: '/write', authorization: 'Token wrong' }
    for (let i = 0; i < 4; i++) {
      await exchange(port, bytesOf({ ...wrong, headers: i % 2 === 0 ? '' : NOT_FOR_THE_DOOR }))
    }
    await exchange(port, bytesOf(wrong))
    const hot = await exchange(port, bytesOf(wrong))
    expect(hot).toContain('http/1.1 429')
    expect(await exchange(port, bytesOf({ ...wrong, headers: NOT_FOR_THE_DOOR }))).toBe(hot)
  })

  it('say when to come back while the store is behind', async () => {
    class FullStore extends MemoryStore {
      override append(): Promise<void> {
        return Promise.reject(new OverloadedError('too much is waiting', 1_500))
      }
    }
    const full = await openInfluxBench({ store: new FullStore() })
    const fullPort = await listening(full.http)
    const write = { url: '/write', body: 'm value=1 1000' }
    const hot = await exchange(fullPort, bytesOf(write))
    expect(hot).toContain('retry-after: 2')
    expect(hot).toBe(await exchange(fullPort, bytesOf({ ...write, headers: NOT_FOR_THE_DOOR })))
  })

  it('leave packed bodies and bodies over the limit to node:http', async () => {
    const packed = { url: '/write', headers: 'Content-Encoding: gzip\r\n', body: 'no gzip' }
    expect(await exchange(port, bytesOf(packed))).toContain('400 bad request')
    const small = await openInfluxBench({ limits: { bodyBytesMax: 10 } })
    expect(
      await exchange(await listening(small.http), bytesOf({ url: '/write', body: '#'.repeat(11) })),
    ).toContain(' 413 ')
    expect(hotCount).toBe(0)
  })

  it('see at once that a token was revoked or a member was removed', async () => {
    await bench.ask('/write?db=garden', { body: 'm value=1 1000' })
    await bench.addUser('morty', 'a1')
    const token = await bench.addToken(['write'], undefined, 'morty')
    const { authenticator, memberships, catalog } = bench.services
    const { accountId, credential } = await authenticator.byToken(token, '::1')
    const member = { orgId: (await findOrgBySlug(catalog, 'home'))!.id, accountId }
    const write = { url: '/write?db=garden', body: 'm value=2 2000', authorization: `Token ${token}` }
    const statusOf = openKeptConnection(port, bytesOf(write).replace('Connection: close\r\n', ''))
    expect(await statusOf()).toBe('204')
    await memberships.remove(member)
    expect(await statusOf()).toBe('404')
    await memberships.add({ ...member, role: 'a1' })
    expect(await statusOf()).toBe('204')
    await authenticator.revokeToken({ accountId, id: credential.kind === 'token' ? credential.id : '' })
    expect(await statusOf()).toBe('401')
    expect(hotCount).toBe(4)
  })
})

/** Sends the same bytes at each call, over one connection; resolves to the status of the answer. */
function openKeptConnection(port: number, bytes: string): () => Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  onTestFinished(() => void socket.destroy())
  return async () => {
    socket.write(bytes)
    const [text] = await once(socket, 'data')
    return /^HTTP\/1.1 (\d+)/.exec(text)?.[1]
  }
}
