/** A board with MicroPython whose hardware is made up: a network, a DS18B20, and a clock that does not wait. */
import { spawnSync } from 'node:child_process'

/** What is used of the interpreter, which comes without types. */
interface Python {
  registerJsModule(name: string, module: object): void
  runPython(program: string): unknown
  readonly FS: {
    writeFile(path: string, text: string): void
    readFile(path: string, options: { encoding: 'utf8' }): string
    readdir(path: string): string[]
    chdir(path: string): void
  }
}
type LoadPython = (options: { stdout: (line: string) => void; linebuffer: boolean }) => Promise<Python>
const INTERPRETER: string = '@micropython/micropython-webassembly-pyscript/micropython.mjs'

const MODULES = {
  machine: 'class Pin:\n  def __init__(self, number): self.number = number',
  onewire: 'class OneWire:\n  def __init__(self, pin): self.pin = pin',
  ds18x20: `import bench
class DS18X20:
  def __init__(self, wire): self.pin = wire.pin.number
  def scan(self): return [bytearray(b'probe')]
  def convert_temp(self): self.measured = bench.temperature(self.pin)
  def read_temp(self, rom): return self.measured`,
  network: `STA_IF = 0
class WLAN:
  tries = 0
  def __init__(self, interface): pass
  def active(self, on): pass
  def connect(self, name, password): WLAN.tries = 1
  def isconnected(self):
    WLAN.tries += 1 if WLAN.tries > 0 else 0
    return WLAN.tries > 3`,
  requests: `import bench, json
class Reply:
  def __init__(self, status_code, text):
    self.status_code = status_code
    self.text = text
  def json(self): return json.loads(self.text)
  def close(self): pass
def put(url, data=None, headers={}):
  status, text = json.loads(bench.send(url, data, json.dumps(headers)))
  if status == 0: raise OSError(text)
  return Reply(status, text)`,
  clock: `import bench
def sleep(seconds):
  if not bench.sleep(seconds): raise SystemExit`,
}

/** Sends a request and waits for its answer, as a board does. */
const SEND = `
const [url, body, headers] = process.argv.slice(1)
fetch(url, { method: 'PUT', body, headers: JSON.parse(headers) })
  .then(async (reply) => console.log(JSON.stringify([reply.status, await reply.text()])))
  .catch((error) => console.log(JSON.stringify([0, error.message])))`

export interface Board {
  /** Files of its flash memory, which stay from one run to the next. */
  readonly files: Map<string, string>
  readonly printed: string[]
  /** Runs a program until it has slept so many seconds; the sensor shows these temperatures, one after the other. */
  run(program: string, options: { seconds: number; temperatures: readonly number[] }): Promise<void>
}

export function openBoard(files: Record<string, string>): Board {
  const flash = new Map(Object.entries(files))
  const printed: string[] = []
  return {
    files: flash,
    printed,
    async run(program, { seconds, temperatures }) {
      const { loadMicroPython }: { loadMicroPython: LoadPython } = await import(INTERPRETER)
      const stdout = (line: string) => void printed.push(line)
      const python = await loadMicroPython({ stdout, linebuffer: true })
      const left = [...temperatures]
      let sleptS = 0
      python.registerJsModule('bench', {
        temperature: () => left.shift() ?? Number.NaN,
        sleep: (duration: number) => {
          sleptS += duration
          return sleptS < seconds
        },
        send: (url: string, data: string, headers: string) =>
          spawnSync(process.execPath, ['-e', SEND, url, data, headers], { encoding: 'utf8' }).stdout,
      })
      for (const [name, source] of Object.entries(MODULES)) python.FS.writeFile(`/${name}.py`, source)
      for (const [name, text] of flash) python.FS.writeFile(`/${name}`, text)
      python.FS.chdir('/')
      python.runPython("import sys\nsys.path.append('/')\nimport clock\nsys.modules['time'] = clock")
      try {
        python.runPython(program)
      } catch (error) {
        if (!String(error).includes('SystemExit')) throw error
      }
      for (const name of python.FS.readdir('/')) {
        if (name.endsWith('.json')) flash.set(name, python.FS.readFile(`/${name}`, { encoding: 'utf8' }))
      }
    },
  }
}
