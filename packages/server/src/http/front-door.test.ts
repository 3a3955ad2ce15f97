import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { NotFoundError } from '../errors.ts'
import { hotRequest, openDoorBench, openRawClient } from './front-door.fixture.ts'
import { HeldBytes } from './held-bytes.ts'
import type { HotRoute } from './hot-route.ts'

const COLD = 'POST /hot?q=cold HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'

/** Until the server has done what it does with what it got. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(1)
}

/** A gate that a hot route waits at. */
function newGate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { promise, open: () => resolve() }
}

describe('front door', () => {
  it('answers plain requests of hot routes itself, and leaves all others to node:http', async () => {
    const { port, hot, cold } = await openDoorBench()
    const client = openRawClient(port)
    client.send(hotRequest('abc'))
    expect(await client.bodies(1)).toEqual(['abc|1|nobody'])
    client.send(hotRequest('', { headers: 'Authorization: Token a\r\n' }))
    expect(await client.bodies(1)).toEqual(['|1|Token a'])
    client.send(COLD)
    expect(await client.bodies(1)).toEqual(['abc|cold|nobody'])
    client.send(hotRequest('def'))
    expect(await client.bodies(1)).toEqual(['def|1|nobody'])
    expect([hot, cold]).toEqual([
      ['abc|1|nobody', '|1|Token a'],
      ['abc|cold|nobody', 'def|1|nobody'],
    ])
  })

  it('takes a GET where a route does, and leaves it to node:http elsewhere', async () => {
    const GET = 'GET /hot?q=1 HTTP/1.1\r\nHost: x\r\n\r\n'
    for (const methods of [['POST'], ['GET', 'POST']] as const) {
      const { port, hot, cold } = await openDoorBench({ methods })
      const client = openRawClient(port)
      client.send(GET + GET + hotRequest('abc'))
      expect(await client.bodies(3)).toEqual(['|1|nobody', '|1|nobody', 'abc|1|nobody'])
      expect([hot.length, cold.length]).toEqual(methods.length === 2 ? [3, 0] : [0, 3])
    }
  })

  describe('an answer that comes in blocks', () => {
    const GET = 'GET /hot HTTP/1.1\r\nHost: x\r\n\r\n'
    /** Answers the first request with blocks, and the others with their number. */
    async function openBlocks(blocks: () => AsyncGenerator<Uint8Array>) {
      let count = 0
      const failures: unknown[] = []
      const { port } = await openDoorBench({
        methods: ['GET'],
        open: async () => ({
          isCurrent: () => false,
          take: async () => ({ status: 200, headers: {}, body: count++ === 0 ? blocks() : String(count) }),
        }),
        failed(error) {
          failures.push(error)
          return { status: 500, headers: {} }
        },
      })
      return { port, failures }
    }

    it('comes whole, and before the answers to what was asked later', async () => {
      const { port } = await openBlocks(async function* () {
        for (let i = 0; i < 100; i++) {
          if (i === 50) await sleep(5)
          yield Buffer.from(`${i},`.repeat(1_000))
        }
      })
      const client = openRawClient(port)
      client.send(GET + GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
      const all = await client.all()
      const bodyAt = all.indexOf('\r\n\r\n') + 4
      expect(all.slice(0, bodyAt)).toMatch(/transfer-encoding: chunked/)
      const expected = Array.from({ length: 100 }, (_, i) => `${i},`.repeat(1_000))
      const chunks = expected.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`)
      const first = `${chunks.join('')}0\r\n\r\n`
      expect(all.slice(bodyAt, bodyAt + first.length) === first).toBe(true)
      expect(all.slice(bodyAt + first.length)).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\n2$/)
    })

    it('is read by any client of HTTP', async () => {
      const { port } = await openBlocks(async function* () {
        for (let i = 0; i < 300; i++) yield Buffer.alloc(i + 1, 65 + (i % 26))
      })
      const reply = await fetch(`http://127.0.0.1:${port}/hot`, { headers: { accept: 'x' } })
      expect((await reply.text()).length).toBe(45_150)
    })

    it('goes no faster than it is read, and ends when the client goes', async () => {
      let made = 0
      let isOver = false
      const { port } = await openBlocks(async function* () {
        try {
          for (; made < 10_000; made++) yield Buffer.alloc(65_536)
        } finally {
          isOver = true
        }
      })
      const { socket, send } = openRawClient(port)
      socket.pause()
      send(GET)
      await until(() => made > 1)
      await sleep(50)
      expect(made).toBeLessThan(2_000)
      expect(isOver).toBe(false)
      socket.destroy()
      await until(() => isOver)
      expect(made).toBeLessThan(2_000)
    })

    it('that fails on the way is cut off, so that nobody takes it for whole', async () => {
      const failure = new Error('disk')
      const { port, failures } = await openBlocks(async function* () {
        yield Buffer.from('abc')
        throw failure
      })
      const client = openRawClient(port)
      client.send(GET)
      expect(await client.all()).toMatch(/\r\n\r\n3\r\nabc\r\n$/)
      expect(failures).toEqual([failure])
    })
  })

  it('reads a request that comes in two parts, wherever it is cut', async () => {
    const { port, hot } = await openDoorBench()
    const request = hotRequest('abc', { headers: 'Authorization: Token a\r\n' })
    const cuts = Array.from({ length: request.length }, (_, i) => i)
    const answers = await Promise.all(
      cuts.map(async (cut) => {
        const client = openRawClient(port)
        client.send(hotRequest('first'))
        await client.bodies(1)
        client.send(request.slice(0, cut))
        await sleep(5)
        client.send(request.slice(cut))
        return client.bodies(1)
      }),
    )
    expect(answers).toEqual(cuts.map(() => ['abc|1|Token a']))
    expect(hot.length).toBeGreaterThan(cuts.length)
  })

  it('hands a connection over at any byte without losing one', async () => {
    const { port } = await openDoorBench()
    const bytes = hotRequest('one') + COLD + hotRequest('two') + COLD
    const cuts = Array.from({ length: bytes.length }, (_, i) => i)
    const answers = await Promise.all(
      cuts.map(async (cut) => {
        const client = openRawClient(port)
        client.send(bytes.slice(0, cut))
        await sleep(5)
        client.send(bytes.slice(cut))
        return client.bodies(4)
      }),
    )
    const expected = ['one|1|nobody', 'abc|cold|nobody', 'two|1|nobody', 'abc|cold|nobody']
    expect(answers).toEqual(cuts.map(() => expected))
  })

  it('answers in the order of the requests, of which it takes a bounded number at a time', async () => {
    const gate = newGate()
    let underWay = 0
    let mostUnderWay = 0
    const { port } = await openDoorBench({
      open: async () => ({
        isCurrent: () => true,
        async take(body) {
          mostUnderWay = Math.max(mostUnderWay, ++underWay)
          if (body.toString() === '0') await gate.promise
          underWay--
          return { status: 200, headers: {}, body: body.toString() }
        },
      }),
    })
    const client = openRawClient(port)
    const texts = Array.from({ length: 200 }, (_, i) => String(i))
    client.send(texts.map((text) => hotRequest(text)).join(''))
    await sleep(20)
    expect(mostUnderWay).toBeLessThanOrEqual(16)
    gate.open()
    expect(await client.bodies(200)).toEqual(texts)
  })

  it('reads large bodies piece by piece', async () => {
    const { port } = await openDoorBench({ bodyBytesMax: 10_000_000, held: new HeldBytes(10_000_000) })
    const client = openRawClient(port)
    const body = 'x'.repeat(3_000_000)
    client.send(hotRequest(body) + hotRequest('next'))
    const [first, next] = await client.bodies(2)
    expect(first === `${body}|1|nobody`).toBe(true)
    expect(next).toBe('next|1|nobody')
  })

  it('leaves bodies over the limit to node:http', async () => {
    const { port, cold } = await openDoorBench({ bodyBytesMax: 10 })
    const client = openRawClient(port)
    client.send(hotRequest('x'.repeat(10)) + hotRequest('x'.repeat(11)))
    await client.bodies(2)
    expect(cold).toEqual([`${'x'.repeat(11)}|1|nobody`])
  })

  it.each<[string, Partial<HotRoute>]>([
    [
      'at once',
      {
        open: () => {
          throw new NotFoundError()
        },
      },
    ],
    [
      'later',
      {
        open: async () => {
          throw new NotFoundError()
        },
      },
    ],
  ])('reads on behind the body of a request that its route refuses %s', async (_, changes) => {
    const { port } = await openDoorBench(changes)
    const client = openRawClient(port)
    client.send(hotRequest('abcdef') + hotRequest('next'))
    expect(await client.bodies(2)).toEqual(['refused', 'refused'])
  })

  it('has a head without a body opened once while it stays the same', async () => {
    const opened: (string | undefined)[] = []
    const { port } = await openDoorBench({
      methods: ['GET'],
      open({ query }) {
        opened.push(query.q)
        return {
          isCurrent: () => true,
          take: async () => ({ status: 200, headers: {}, body: query.q ?? '' }),
        }
      },
    })
    const client = openRawClient(port)
    const asked = ['1', '1', '1', '2', '1', '1']
    client.send(asked.map((q) => `GET /hot?q=${q} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
    expect(await client.bodies(asked.length)).toEqual(asked)
    expect(opened).toEqual(['1', '2', '1'])
  })

  it('refuses before the body is there, and reads on behind it', async () => {
    const { port } = await openDoorBench()
    const client = openRawClient(port)
    const [head, body] = hotRequest('abcdef', { query: 'q=refused' }).split('\r\n\r\n')
    client.send(`${head}\r\n\r\n${body.slice(0, 2)}`)
    expect(await client.bodies(1)).toEqual(['refused'])
    client.send(body.slice(2) + hotRequest('next'))
    expect(await client.bodies(1)).toEqual(['next|1|nobody'])
  })

  it('refuses bodies while too much is held, and counts none that is done with', async () => {
    const gate = newGate()
    const held = new HeldBytes(10)
    const { port } = await openDoorBench({
      held,
      open: async () => ({
        isCurrent: () => true,
        async take(body) {
          if (body.length > 5) await gate.promise
          return { status: 200, headers: {}, body: body.toString() }
        },
      }),
    })
    const [first, second, third] = [openRawClient(port), openRawClient(port), openRawClient(port)]
    first.send(hotRequest('12345678'))
    third.send(hotRequest('1234').slice(0, -2))
    await until(() => {
      try {
        held.take(1, 1)
        held.give(1)
        return false
      } catch {
        return true
      }
    })
    second.send(hotRequest('123') + hotRequest(''))
    expect(await second.bodies(2)).toEqual(['refused', ''])
    third.socket.destroy()
    gate.open()
    expect(await first.bodies(1)).toEqual(['12345678'])
    await sleep(5)
    held.take(10, 10)
  })

  it('closes the connection when the client asks for it, behind that answer', async () => {
    const { port } = await openDoorBench()
    const client = openRawClient(port)
    client.send(hotRequest('a') + hotRequest('b', { headers: 'Connection: close\r\n' }) + hotRequest('c'))
    const all = await client.all()
    expect(all.match(/\w\|1\|nobody/g)).toEqual(['a|1|nobody', 'b|1|nobody'])
    expect(all.match(/^connection: .*$/gim)).toEqual(
      ['Connection: keep-alive\r', 'Connection: close\r'].map((line) => line.trimEnd()),
    )
  })

  it('answers a client that has sent everything and says so', async () => {
    const gate = newGate()
    const { port, hot } = await openDoorBench({
      open: async () => ({
        isCurrent: () => true,
        async take(body) {
          await gate.promise
          return { status: 200, headers: {}, body: body.toString() }
        },
      }),
    })
    const client = openRawClient(port)
    client.socket.end(hotRequest('a') + hotRequest('b'))
    await sleep(10)
    gate.open()
    expect((await client.all()).match(/\r\n\r\n[ab]/g)).toEqual(['\r\n\r\na', '\r\n\r\nb'])
    expect(hot).toEqual([])
  })

  it('lives on when clients break off', async () => {
    const { port } = await openDoorBench()
    const request = hotRequest('abc')
    for (const cut of [0, 10, request.length - 2, request.length]) {
      const client = openRawClient(port)
      client.send(request.slice(0, cut))
      await sleep(2)
      client.socket.resetAndDestroy()
    }
    const client = openRawClient(port)
    client.send(request)
    expect(await client.bodies(1)).toEqual(['abc|1|nobody'])
  })

  it('reads nothing more from a client that does not read its answers', async () => {
    const answer = { status: 200, headers: {}, body: 'x'.repeat(1_000_000) }
    let taken = 0
    const { port } = await openDoorBench({
      open: async () => ({
        isCurrent: () => true,
        async take() {
          taken++
          return answer
        },
      }),
    })
    const client = openRawClient(port)
    client.socket.pause()
    client.send(hotRequest('').repeat(100))
    await sleep(50)
    expect(taken).toBeLessThan(60)
    client.socket.resume()
    expect((await client.bodies(100)).length).toBe(100)
  })

  describe('when it closes', () => {
    it('closes idle connections, and others behind the answers under way', async () => {
      const gate = newGate()
      let isUnderWay = false
      const { port, door, server } = await openDoorBench({
        open: async () => ({
          isCurrent: () => true,
          async take(body) {
            isUnderWay = true
            await gate.promise
            return { status: 200, headers: {}, body: body.toString() }
          },
        }),
      })
      const [silent, busy] = [openRawClient(port), openRawClient(port)]
      busy.send(hotRequest('a'))
      await until(() => isUnderWay)
      door.close()
      const closed = new Promise((resolve) => server.close(resolve))
      expect(await silent.all()).toBe('')
      gate.open()
      const all = await busy.all()
      expect(all).toContain('Connection: close')
      expect(all.endsWith('\r\n\r\na')).toBe(true)
      for (const client of [silent, busy]) client.socket.end()
      await closed
    })
  })
})
