/** Packages that were being published while the server was killed. */
import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ADMIN, type RunningServer, startServer, temporaryFolder } from './server.fixture.ts'

const PUBLISHERS = 4
const ROUNDS = 2
/** Takes several writes, so that kills come in the middle of files. */
const FILE_BYTES = 400_000

const headers = { authorization: `Token ${ADMIN.token}` }

async function publish({ url }: RunningServer, tag: string, file: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const form = new FormData()
  form.set('json', JSON.stringify({ package_name: 'sensor', tag }))
  form.set('file', new Blob([file]), `${tag}.bin`)
  return (await fetch(`${url}/api/v1/packages`, { method: 'POST', headers, body: form })).ok
}

async function download({ url }: RunningServer, tag: string): Promise<string | undefined> {
  const reply = await fetch(`${url}/api/v1/packages/sensor/${tag}`, { headers })
  if (!reply.ok) return undefined
  return createHash('sha256')
    .update(new Uint8Array(await reply.arrayBuffer()))
    .digest('hex')
}

it('no file that was published is lost when the server is killed, and none is there in part', async () => {
  const folder = await temporaryFolder()
  const sent = new Map<string, string>()
  const published = new Set<string>()
  let server = await startServer(folder)
  expect(await publish(server, 'first', randomBytes(10))).toBe(true)
  for (let round = 1; round <= ROUNDS; round++) {
    const publishing = Array.from({ length: PUBLISHERS }, async (_, publisher) => {
      for (let count = 0; ; count++) {
        const tag = `${round}.${publisher}.${count}`
        const file = randomBytes(FILE_BYTES)
        sent.set(tag, createHash('sha256').update(file).digest('hex'))
        if (!(await publish(server, tag, file))) throw new Error(`${tag} was refused`)
        published.add(tag)
      }
    })
    const enough = async () => {
      while (published.size < round * 12) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await Promise.race([enough(), ...publishing])
    await server.end('SIGKILL')
    await Promise.allSettled(publishing)
    server = await startServer(folder)
    for (const [tag, hash] of sent) {
      const found = await download(server, tag)
      if (found !== undefined || published.has(tag)) expect([tag, found]).toEqual([tag, hash])
    }
    expect(await readdir(join(folder, 'blobs/incoming'))).toEqual([])
  }
  await server.end()
  await rm(folder, { recursive: true, force: true })
})
