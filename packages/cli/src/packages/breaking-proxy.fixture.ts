/** A way to a server that breaks: downloads through it end after some bytes. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface BreakingProxy {
  readonly url: string
  /** The `Range` of each download. */
  readonly ranges: (string | undefined)[]
  /** How many bytes of a download get through. */
  bytesMax: number
  /** Called in place of the end, which then never comes. */
  onStall: (() => void) | undefined
  /** A byte that is changed on the way. */
  spoiltByte: number | undefined
  close(): Promise<void>
}

export async function openBreakingProxy(target: string): Promise<BreakingProxy> {
  const proxy = createServer(async ({ url = '', headers, method = '' }, reply) => {
    const { authorization = '', range, 'if-range': ifRange } = headers
    const conditions = { ...(range ? { range } : {}), ...(ifRange ? { 'if-range': String(ifRange) } : {}) }
    const response = await fetch(`${target}${url}`, { method, headers: { authorization, ...conditions } })
    const bytes = Buffer.from(await response.arrayBuffer())
    reply.writeHead(response.status, Object.fromEntries(response.headers))
    const isDownload = response.headers.has('x-sha256')
    if (isDownload) state.ranges.push(range)
    if (isDownload && state.spoiltByte !== undefined) bytes[state.spoiltByte] ^= 1
    if (!isDownload || bytes.length <= state.bytesMax) reply.end(bytes)
    else reply.write(bytes.subarray(0, state.bytesMax), state.onStall ?? (() => reply.destroy()))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const state: BreakingProxy = {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    ranges: [],
    bytesMax: Number.POSITIVE_INFINITY,
    onStall: undefined,
    spoiltByte: undefined,
    close() {
      proxy.closeAllConnections()
      return new Promise((resolve) => proxy.close(() => resolve()))
    },
  }
  return state
}
