/** `sonde pin`: virtual pins of pipelines, as boards write and read them. */
import { Command } from 'commander'
import { Failure } from '../failure.ts'
import { askPipeline, type Pins } from '../pins/ask-pipeline.ts'
import { print, printJson, type Shell } from '../shell.ts'
import { oneLine, tableLines } from '../table.ts'
import { withOpenServer } from '../with-open-server.ts'

interface Options {
  readonly key?: string
  readonly json?: true
}

const EXAMPLES = `
A pipeline has an id of eight digits and a key of 16 characters, in SONDE_PIN_KEY or with --key, which other users
of the machine can see while the command runs. Pins are ivp1 to ivp8, whole numbers from 0 to 9999, and svp1 to
svp4, texts. No login is needed.

Examples:
  export SONDE_PIN_KEY=abcdefghijklmnop
  sonde pin create 12345678
  sonde pin set 12345678 ivp1=42 svp1="door open"
  sonde pin get 12345678
  sonde pin get 12345678 ivp1`

export function pinCommand(shell: Shell): Command {
  return new Command('pin')
    .description('write and read the virtual pins of pipelines')
    .addCommand(createCommand(shell))
    .addCommand(setCommand(shell))
    .addCommand(getCommand(shell))
    .addHelpText('after', EXAMPLES)
}

function createCommand(shell: Shell): Command {
  return pinsCommand('create', 'make a pipeline with this id and key')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: Options, command: Command) => {
      const key = keyOf(shell, options)
      await withOpenServer(command, shell, async (url) => {
        await askPipeline(url, { id, key, opt: 'cre' })
        if (options.json) printJson(shell, { id })
        else print(shell, `Made the pipeline ${id}`)
      })
    })
}

function setCommand(shell: Shell): Command {
  return pinsCommand('set', 'write pins; those that are not named have no value afterwards')
    .argument('<pin=value...>', 'such as ivp1=42')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, settings: string[], options: Options, command: Command) => {
      const pins = readPins(settings)
      const key = keyOf(shell, options)
      await withOpenServer(command, shell, async (url) => {
        await askPipeline(url, { id, key, opt: 'snd', pins })
        if (options.json) printJson(shell, { id, pins })
        else print(shell, `Wrote ${Object.keys(pins).join(', ')} of ${id}`)
      })
    })
}

function getCommand(shell: Shell): Command {
  return pinsCommand('get', 'read the pins that were written last')
    .argument('[pin]', 'print the value of this one alone')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, pin: string | undefined, options: Options, command: Command) => {
      if (pin !== undefined) checkPin(pin)
      const key = keyOf(shell, options)
      await withOpenServer(command, shell, async (url) => {
        const pins = await askPipeline(url, { id, key, opt: 'rcv' })
        if (pin === undefined) await show(shell, { id, pins, options })
        else if (!Object.hasOwn(pins, pin)) {
          throw new Failure(`${pin} was not in what was sent last; that were ${Object.keys(pins).join(', ')}`)
        } else if (options.json) printJson(shell, { id, pins: { [pin]: pins[pin] } })
        else print(shell, oneLine(pins[pin]))
      })
    })
}

function pinsCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<id>', 'of the pipeline, eight digits')
    .option('--key <key>', 'of the pipeline (default: SONDE_PIN_KEY)')
    .option('--json', 'print the outcome as JSON')
}

async function show(
  shell: Shell,
  { id, pins, options }: { id: string; pins: Pins; options: Options },
): Promise<void> {
  if (options.json) {
    printJson(shell, { id, pins })
    return
  }
  async function* rows(): AsyncGenerator<(string | number)[]> {
    yield* Object.entries(pins)
  }
  for await (const line of tableLines(['pin', 'value'], rows())) print(shell, line)
}

/** @throws {Failure} there is none. */
function keyOf({ environment }: Shell, { key }: Options): string {
  const found = key ?? environment.SONDE_PIN_KEY
  if (found) return found
  throw new Failure('A pipeline has a key; set SONDE_PIN_KEY, or give --key')
}

/** @throws {Failure} a setting names no pin, or one twice, or has no value. */
function readPins(settings: readonly string[]): Pins {
  const pins: Record<string, string> = {}
  for (const setting of settings) {
    const at = setting.indexOf('=')
    if (at < 0 || at === setting.length - 1) {
      throw new Failure(`"${setting}" has no value; write it as ivp1=42 or svp1="some text"`)
    }
    const pin = setting.slice(0, at)
    checkPin(pin)
    if (Object.hasOwn(pins, pin)) throw new Failure(`${pin} is there twice`)
    pins[pin] = setting.slice(at + 1)
  }
  return pins
}

function checkPin(pin: string): void {
  if (!/^(?:ivp[1-8]|svp[1-4])$/.test(pin)) {
    throw new Failure(`"${pin}" is no pin; these are: ivp1 to ivp8 for numbers, svp1 to svp4 for texts`)
  }
}
