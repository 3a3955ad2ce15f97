import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { uploadChunks } from './upload-chunks.ts'

const MB = 1_000_000

/** A connection to a server that answers with what `take` makes of each body. */
async function openConnection(take: (request: IncomingMessage) => Promise<string>): Promise<Socket> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void take(request).then((text) => response.end(text))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(async () => {
    socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return socket
}

function post(socket: Socket, sizeBytes: number): void {
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${sizeBytes}\r\n\r\n`)
  socket.write(Buffer.alloc(sizeBytes))
}

async function answerOf(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, 'data')
  return String(chunk).split('\r\n\r\n')[1]
}

describe('uploadChunks', () => {
  it('leaves the connection to the next request when a body is given up', async () => {
    let requests = 0
    const socket = await openConnection(async (request) => {
      const isGivenUp = ++requests === 1
      let bytes = 0
      for await (const chunk of uploadChunks(request)) {
        bytes += chunk.length
        if (isGivenUp) return 'given up'
      }
      return String(bytes)
    })
    post(socket, 5 * MB)
    expect(await answerOf(socket)).toContain('given up')
    post(socket, 3 * MB)
    expect(await answerOf(socket)).toContain('3000000')
  })

  it('asks for no more than is taken', async () => {
    const first = Promise.withResolvers<Socket>()
    const goOn = Promise.withResolvers<void>()
    const socket = await openConnection(async (request) => {
      let bytes = 0
      for await (const chunk of uploadChunks(request)) {
        if (bytes === 0) {
          first.resolve(request.socket)
          await goOn.promise
        }
        bytes += chunk.length
      }
      return String(bytes)
    })
    post(socket, 50 * MB)
    const received = await first.promise
    // The client has been ready to send everything for a while by then.
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    expect(received.bytesRead).toBeLessThan(MB)
    goOn.resolve()
    expect(await answerOf(socket)).toContain('50000000')
  })

  it('says when the client goes away', async () => {
    const failure = Promise.withResolvers<unknown>()
    const socket = await openConnection(async (request) => {
      try {
        for await (const _ of uploadChunks(request)) socket.destroy()
      } catch (error) {
        failure.resolve(error)
      }
      return ''
    })
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${MB}\r\n\r\nbegun`)
    expect(await failure.promise).toMatchObject({ code: 'invalid', message: 'The body ended early' })
  })
})
