/** The least that `node:http` does for a request: reads it to its end and answers a few bytes. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const BODY = '{"message": "nothing was stored"}\n'
const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'content-length': BODY.length }

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    Buffer.concat(chunks)
    response.writeHead(200, HEADERS).end(BODY)
  })
})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`serves http://127.0.0.1:${port}`)
})
