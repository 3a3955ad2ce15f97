/** One operation of a pipeline. */
import { Failure } from '../failure.ts'
import { askOpenly } from '../with-open-server.ts'

export type Pins = Readonly<Record<string, string | number>>

export interface PipelineAsk {
  readonly id: string
  readonly key: string
  /** Make, write, read. */
  readonly opt: 'cre' | 'snd' | 'rcv'
  readonly pins?: Pins
}

interface PipelineAnswer {
  readonly message?: string
  readonly stream?: { readonly int_virtual_pin?: Pins; readonly str_virtual_pin?: Pins }
}

const REMEDIES: Readonly<Record<string, string>> = {
  'ID must be exactly 8 digits long': 'such as 00000042',
  'Key must be exactly 16 string long': 'a key has 16 characters',
  'ID already exists': 'choose another one, or use its key',
  'ID not found': '"sonde pin create" makes it',
  'Wrong key': 'give the one that the pipeline was made with, in SONDE_PIN_KEY or with --key',
  'Data not received': 'nothing was sent to it yet',
  'Data not sent': 'its streams may be disabled; "sonde stream list" shows them',
}

/** The pins that the answer has. @throws {Failure} no answer, or one that says no. */
export async function askPipeline(url: string, { id, key, opt, pins = {} }: PipelineAsk): Promise<Pins> {
  // In a body nothing of it ends up in the log of a proxy.
  const response = await askOpenly(url, '/pipeline/stream', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...pins, id, key, opt }),
  })
  const answer = (await response.json().catch(() => ({}))) as PipelineAnswer
  const { message, stream } = answer
  if (response.ok && message !== undefined) return { ...stream?.int_virtual_pin, ...stream?.str_virtual_pin }
  if (message === undefined) throw new Failure(`${url} has no pipelines (${response.status}); is it a Sonde?`)
  const remedy = response.status === 429 ? retryText(response) : REMEDIES[message]
  throw new Failure(
    remedy === undefined ? `Pipeline ${id}: ${message}` : `Pipeline ${id}: ${message}; ${remedy}`,
  )
}

function retryText({ headers }: Response): string {
  return `there were too many failures from here; try again in ${headers.get('retry-after') ?? 'some'} seconds`
}
