/** The requests that boards send thousands of, what they need to be there, and what must be there afterwards. */
import { httpHead } from '../load/http-answers.ts'
import { LoadError } from '../load/load-error.ts'
import { BENCH_TOKEN, sonde } from '../peers/sonde.ts'

export interface SmallRequest {
  readonly bytes: Buffer
  /** Digits that are other ones in every request; none where all requests are the same. */
  readonly digits?: { readonly at: number; readonly count: number; readonly first: number }
}

export interface Door {
  readonly name: string
  /** Makes what one writer needs; resolves to its number at the server. */
  prepare(port: number, writer: number): Promise<number>
  request(writer: number, id: number): SmallRequest
  /** Part of every answer. */
  readonly answer: string
  /**
   * Looks for what the server has acknowledged.
   * @throws {LoadError} it is not there.
   */
  check(port: number, written: readonly Written[]): Promise<void>
}

export interface Written {
  readonly id: number
  /** Requests that were answered, at least one. */
  readonly count: number
}

const KEY = 'abcdefghijklmnop'
const PIN_FIRST = 1_000
/** Pins have four digits, so that their values come round. */
const PIN_VALUES = 9_000
const PIN_READ = 4_321
/** Pipelines that are read have numbers of their own. */
const SENT_FROM = 10_000_000
const READ_FROM = 20_000_000
const TIME_FIRST_S = 1_700_000_000

export const DOORS: readonly Door[] = [
  {
    name: 'snd',
    prepare: (port, writer) => makePipeline(port, SENT_FROM + writer),
    request: (_, id) => changing(httpHead('POST', pipelinePath(id, `snd&ivp1=${PIN_FIRST}`)), 'ivp1=', 4),
    answer: '"Data sent successfully"',
    async check(port, written) {
      for (const { id, count } of written) {
        const wanted = PIN_FIRST + ((count - 1) % PIN_VALUES)
        const { stream } = await ask<PipelineAnswer>(port, 'GET', pipelinePath(id, 'rcv'))
        expectSame(`ivp1 of pipeline ${id}`, stream.int_virtual_pin.ivp1, wanted)
      }
    },
  },
  {
    name: 'rcv',
    async prepare(port, writer) {
      const id = await makePipeline(port, READ_FROM + writer)
      await ask(port, 'POST', pipelinePath(id, `snd&ivp1=${PIN_READ}`))
      return id
    },
    request: (_, id) => ({ bytes: httpHead('GET', pipelinePath(id, 'rcv')) }),
    answer: `"ivp1":${PIN_READ}`,
    check: async () => {},
  },
  {
    name: 'PUT /point/new',
    prepare: (port) =>
      ask<number>(port, 'PUT', '/series/new', {
        token: BENCH_TOKEN,
        device_id: 'board',
        device_desc: 'bench',
      }),
    request(_, id) {
      const body = JSON.stringify({ token: BENCH_TOKEN, series_id: id, fields: { temp_C: PIN_FIRST } })
      const headers = 'Content-Type: application/json\r\n'
      const head = httpHead('PUT', '/point/new', { headers, bodyBytes: body.length })
      return changing(Buffer.concat([head, Buffer.from(body)]), 'temp_C":', 4)
    },
    answer: '\n',
    async check(port, written) {
      expectSame('points', await ask<number>(port, 'GET', '/points/count'), total(written))
    },
  },
  {
    name: 'line protocol',
    prepare: async (_, writer) => writer,
    request: (writer) =>
      changing(
        sonde.singleRequest('single', { writer, timeS: TIME_FIRST_S, value: 21.5 }),
        `21.5 `,
        String(TIME_FIRST_S).length,
      ),
    answer: '',
    async check(port, written) {
      const path = '/api/v1/query/?project=single&agg=count&by=none'
      const { results } = await ask<{ results: { values: number[] }[] }>(port, 'GET', path)
      expectSame('values', results[0]?.values[0], total(written))
    },
  },
]

export function doorNamed(name: string): Door {
  const found = DOORS.find((door) => door.name === name)
  if (!found) throw new LoadError(`There is no door "${name}"`)
  return found
}

interface PipelineAnswer {
  readonly stream: { readonly int_virtual_pin: { readonly ivp1?: number } }
}

async function makePipeline(port: number, id: number): Promise<number> {
  await ask(port, 'POST', pipelinePath(id, 'cre'))
  return id
}

function pipelinePath(id: number, operation: string): string {
  return `/pipeline/stream?id=${id}&key=${KEY}&opt=${operation}`
}

/** The digits that stand behind `text`. */
function changing(bytes: Buffer, text: string, count: number): SmallRequest {
  const at = bytes.indexOf(text) + text.length
  return { bytes, digits: { at, count, first: Number(bytes.toString('latin1', at, at + count)) } }
}

/** @throws {LoadError} the answer is a failure. */
async function ask<Answer>(port: number, method: string, path: string, body?: object): Promise<Answer> {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${BENCH_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  if (!reply.ok) throw new LoadError(`${method} ${path} was answered ${reply.status}: ${text.slice(0, 500)}`)
  return JSON.parse(text)
}

function expectSame(what: string, found: number | undefined, wanted: number): void {
  if (found !== wanted) throw new LoadError(`${what}: ${found} instead of ${wanted}`)
}

function total(written: readonly Written[]): number {
  return written.reduce((sum, { count }) => sum + count, 0)
}
