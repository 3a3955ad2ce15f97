/** A GET that is done when the function returns, as the HTTP library of a board does it: another thread asks. */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

export interface SynchronousReply {
  readonly status: number
  readonly text: string
}

const ASKING = `
const { workerData: { port, done } } = require('node:worker_threads')
port.on('message', async ({ url, headers }) => {
  const reply = await fetch(url, { headers }).catch((error) => new Response(String(error), { status: 599 }))
  port.postMessage({ status: reply.status, text: await reply.text() })
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
})`

export function openSynchronousGet() {
  const done = new Int32Array(new SharedArrayBuffer(4))
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(ASKING, { eval: true, workerData: { port: port2, done }, transferList: [port2] })
  return {
    get(url: string, headers: Record<string, string>): SynchronousReply {
      Atomics.store(done, 0, 0)
      port1.postMessage({ url, headers })
      Atomics.wait(done, 0, 0)
      return receiveMessageOnPort(port1)!.message
    },
    async close(): Promise<void> {
      port1.close()
      await worker.terminate()
    },
  }
}
