/** The updater runs in MicroPython as it stands, finds a newer one of itself, and is that one after a restart. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  ADMIN,
  discardServer,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../tests/server.fixture.ts'
import { openSynchronousGet } from './synchronous-get.fixture.ts'

const MICROPYTHON = createRequire(import.meta.url).resolve(
  '@micropython/micropython-webassembly-pyscript/micropython.mjs',
)

/** The modules of a board; its program ends when it restarts or sleeps. */
const BOARD = `
import json, os, sys
import outside

class Enough(Exception): pass

class Reply:
    def __init__(self, status, text):
        self.status_code, self.content = status, text.encode()
    def json(self): return json.loads(self.content)

class requests:
    def get(address, headers):
        status, text = json.loads(outside.get(address, json.dumps(headers)))
        return Reply(status, text)

class machine:
    def reset(): raise Enough("restarted")

class time:
    def sleep(seconds): raise Enough("slept")

for name in ("requests", "machine", "time"):
    sys.modules[name] = globals()[name]

def start():
    try:
        with open("main.py") as file:
            exec(file.read(), {"__name__": "__main__"})
    except Enough as end:
        return str(end)
`

let server: RunningServer
beforeAll(async () => {
  server = await startServer(await temporaryFolder())
})
afterAll(() => discardServer(server))

async function ask(path: string, body?: object, method = 'POST'): Promise<any> {
  const reply = await server.request(path, body === undefined ? {} : { method, body: JSON.stringify(body) })
  return reply.json()
}

it('micropython-update.py replaces itself, and says so', async () => {
  const { slug: org } = (await ask('org/')).results[0]
  const project = await ask('project/', { name: 'Boards', org })
  const { slug } = await ask('device/', { label: 'desk', project: project.id })
  const { key } = await ask(`device/${slug}/key/`, {})
  const program = (await readFile(join(import.meta.dirname, 'micropython-update.py'), 'utf8'))
    .replace('http://192.168.1.10:8080', server.url)
    .replace('d--0000-0000-0000-0001', slug)
    .replace('the key of this device', key)
  const form = new FormData()
  form.append('json', new Blob(['']), JSON.stringify({ package_name: 'updater', tag: '2.0' }))
  form.append('file', new Blob([program.replace('VERSION = "1.0"', 'VERSION = "2.0"')]), 'main.py')
  const headers = { authorization: `Token ${ADMIN.token}` }
  const pushed = await fetch(`${server.url}/api/v1/packages`, { method: 'POST', headers, body: form })
  expect(pushed.status).toBe(200)
  const rollout = await ask('rollout/', { org, package: 'updater', tag: '2.0' })
  await ask(`rollout/${rollout.id}/start/`, {})

  const outside = openSynchronousGet()
  const { loadMicroPython } = await import(MICROPYTHON)
  const board = await loadMicroPython({})
  board.registerJsModule('outside', {
    get(address: string, headers: string) {
      const { status, text } = outside.get(address, JSON.parse(headers))
      return JSON.stringify([status, text])
    },
  })
  board.FS.writeFile('main.py', program)
  board.runPython(BOARD)
  const start = (): string => {
    board.runPython('ended = start()')
    return board.globals.get('ended')
  }
  expect(start()).toBe('restarted')
  expect((await ask(`rollout/${rollout.id}/`)).devices).toMatchObject({ verifying: 1 })
  expect(start()).toBe('slept')
  await outside.close()

  expect(await ask(`rollout/${rollout.id}/`)).toMatchObject({ state: 'completed', devices: { succeeded: 1 } })
  expect(await ask(`device/${slug}/firmware/`)).toMatchObject({ version: '2.0', tag: '2.0' })
})
