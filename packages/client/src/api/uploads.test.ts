import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Api } from './api.ts'
import { scriptedServer } from './scripted-server.fixture.ts'

const BYTES = new Uint8Array([0, 13, 10, 0x42])
const CONTENT = '\0\r\nB'

async function upload(send: (api: Api) => Promise<unknown>) {
  const { api, asked } = await scriptedServer({ answer: () => ({ status: 201, body: { count: 100 } }) })
  expect(await send(api)).toEqual({ count: 100 })
  const [{ path, headers, body }] = asked
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(String(headers['content-type']))?.[1]
  const parts = body.split(`--${boundary}`).slice(1, -1)
  return {
    path,
    headers,
    parts: parts.map((part) => {
      const [head, ...content] = part.split('\r\n\r\n')
      return {
        name: / name="([^"]*)"/.exec(head)?.[1],
        filename: /filename="([^"]*)"/.exec(head)?.[1],
        content: content.join('\r\n\r\n').slice(0, -2),
      }
    }),
  }
}

async function* pieces() {
  yield BYTES.subarray(0, 1)
  yield BYTES.subarray(1)
}

describe('uploads', () => {
  const parameters = { timestamp: '2018-01-01T00:00:00Z' }

  it.each([
    ['bytes', () => BYTES, 'file'],
    ['a buffer', () => BYTES.buffer, 'file'],
    ['a blob', () => new Blob([BYTES]), 'file'],
    ['a file', () => new File([BYTES], 'a.mp'), 'a.mp'],
    ['a stream', () => new Blob([BYTES]).stream(), 'file'],
    ['pieces', pieces, 'file'],
  ] as const)('send %s', async (_name, source, filename) => {
    const sent = await upload((api) => api.streamer.report.uploadFp(source(), { lid: 7 }, parameters))
    expect(sent.path).toBe('streamer/report/?timestamp=2018-01-01T00%3A00%3A00Z')
    expect(sent.headers.authorization).toBe('jwt JWT_USER')
    expect(sent.parts).toEqual([
      { name: 'lid', filename: undefined, content: '7' },
      { name: 'file', filename, content: CONTENT },
    ])
  })

  it('send a file by its path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sonde-upload-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'report.bin')
    await writeFile(path, BYTES)
    const sent = await upload((api) => api.streamer.report.uploadFile(path, undefined, parameters))
    expect(sent.parts).toEqual([{ name: 'file', filename: 'report.bin', content: CONTENT }])
  })

  it('of a file that is not there fail before anything is sent', async () => {
    const { api, asked } = await scriptedServer({ answer: () => ({}) })
    await expect(api.streamer.report.uploadFile('/nowhere/at/all')).rejects.toThrow('/nowhere/at/all')
    expect(asked).toEqual([])
  })

  it('take no quotation mark or line end of a name for their own', async () => {
    const file = Object.assign(pieces(), { name: 'a"\r\nb' })
    const sent = await upload((api) => api.streamer.report.uploadFp(file))
    expect(sent.parts[0].filename).toBe('a%22%0D%0Ab')
  })
})
