/** The example for boards runs in MicroPython as it stands, on a board that is made up, against a server. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { discardServer, type RunningServer, startServer, temporaryFolder } from '../tests/server.fixture.ts'
import { openSynchronousGet } from './synchronous-get.fixture.ts'

const MICROPYTHON = createRequire(import.meta.url).resolve(
  '@micropython/micropython-webassembly-pyscript/micropython.mjs',
)

/** The modules of a board. Its program ends when it has slept through two rounds. */
const BOARD = `
import json, sys
import outside

class Enough(Exception): pass

class Reply:
    def __init__(self, status, text):
        self.status_code, self.text = status, text
    def json(self): return json.loads(self.text)
    def close(self): pass

class requests:
    def get(address, headers):
        status, text = json.loads(outside.get(address, json.dumps(headers)))
        return Reply(status, text)

class Station:
    tries = 0
    def active(self, on): self.on = on
    def connect(self, name, password): assert self.on and name and password
    def isconnected(self):
        self.tries += 1
        return self.tries > 2

class network:
    STA_IF = 0
    WLAN = lambda kind: Station()

class Converter:
    def __init__(self, number): pass
    def read_u16(self): return 32768

class Pin:
    OUT = 1
    def __init__(self, number, direction): pass
    def value(self, value): outside.lamp(value)

class machine:
    ADC = Converter
machine.Pin = Pin

class time:
    rounds = 0
    def sleep(seconds):
        time.rounds += seconds >= 10
        if time.rounds == 2: raise Enough

for name in ("requests", "network", "machine", "time"):
    sys.modules[name] = globals()[name]
try:
    exec(program, {"__name__": "__main__"})
except Enough:
    pass
`

let server: RunningServer
beforeAll(async () => {
  server = await startServer(await temporaryFolder())
})
afterAll(() => discardServer(server))

async function ask(parameters: string): Promise<any> {
  return (await fetch(`${server.url}/pipeline/stream?key=abcdefghijklmnop&${parameters}`)).json()
}

it('pins.py sends readings and switches its lamp', async () => {
  await ask('opt=cre&id=12345679')
  await ask('opt=snd&id=12345679&ivp8=1')
  const lamp: number[] = []
  const printed: string[] = []
  const outside = openSynchronousGet()
  // Without types of its own.
  const { loadMicroPython } = await import(MICROPYTHON)
  const board = await loadMicroPython({ stdout: (line: string) => printed.push(line) })
  board.registerJsModule('outside', {
    lamp: (value: number) => void lamp.push(value),
    get(address: string, headers: string) {
      const { status, text } = outside.get(address, JSON.parse(headers))
      return JSON.stringify([status, text])
    },
  })
  const program = await readFile(join(import.meta.dirname, 'pins.py'), 'utf8')
  board.globals.set('program', program.replace('http://192.168.1.10:8080', server.url))
  board.runPython(BOARD)
  await outside.close()

  expect(printed).toEqual(['400 ID already exists'])
  expect(lamp).toEqual([1, 1])
  expect((await ask('opt=rcv&id=12345678')).stream).toEqual({
    int_virtual_pin: { ivp1: 4_999 },
    str_virtual_pin: { svp1: 'running' },
  })
  const history = await server.request('query/?project=Pipelines&device=12345678&variable=ivp1')
  expect((await history.json()).results[0].values).toEqual([4_999, 4_999])
})
