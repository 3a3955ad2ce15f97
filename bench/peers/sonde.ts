/** Sonde itself: the real server in a process of its own, as `npm start` runs it. */

import { join } from 'node:path'
import { VERSION } from '../../packages/server/src/version.ts'
import { folderBytes } from '../http/folder-size.ts'
import { answers, runProcess, untilReady } from '../http/run-process.ts'
import { httpGet, httpHead } from '../load/http-answers.ts'
import { deviceName, metricName, numberIn } from '../load/iot-data.ts'
import { LoadError } from '../load/load-error.ts'
import type { Question, QuestionKind } from '../load/questions.ts'
import type { Database, RunningDatabase, SingleWrite } from './database.ts'

const ROOT = join(import.meta.dirname, '../..')
export const BENCH_TOKEN = 'bench-token'
const AUTHORIZATION = `Authorization: Token ${BENCH_TOKEN}\r\n`

export const sonde: Database = {
  name: 'Sonde',
  needs: undefined,
  durability: 'on the disk (fdatasync)',
  setup: 'as it comes; the merge, due within a minute, is run at once',
  keptTo: 0,
  wire: 'http',
  bodyFormat: 'lines',
  bulkRequest: (space, body) => [writeHead(space, body.length), body],
  singleRequest(space, write) {
    const line = singleLine(write)
    return Buffer.concat([writeHead(space, line.length), line])
  },
  ask: (question) => get({ project: 'iot', ...parametersOf(question) }),
  read: readAnswer,
  askCount: (space) => get({ project: space, agg: 'count', by: 'none' }),
  readCount: (body) => (JSON.parse(body.toString()) as Results).results[0]?.values[0] ?? 0,
  start: (folder) => startSonde(folder),
}

/** A line of one value; the line protocol's other readers get the same. */
export function singleLine({ writer, timeS, value }: SingleWrite): Buffer {
  return Buffer.from(`iot,host=${deviceName(writer)} metric_0=${value} ${timeS}000000000\n`)
}

/** Starts the server on a folder, which may hold data already. */
export async function startSonde(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningDatabase & { kill(): Promise<void> }> {
  const start = () => startServer(folder, environment)
  let server = await start()
  return {
    version: VERSION,
    get port() {
      return server.port
    },
    get pid() {
      return server.pid
    },
    sizeBytes: () => folderBytes(folder),
    makeVisible: async () => {},
    // The server merges what is finished once a minute; nobody wants to wait for that here.
    async settle() {
      await server.stop()
      await mergeFolder(join(folder, 'points'))
      server = await start()
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
  }
}

/** As `npm start` starts it. */
const START = ['--max-semi-space-size=2', join(ROOT, 'packages/server/src/main.js')]

async function startServer(folder: string, environment: Readonly<Record<string, string>>) {
  const running = runProcess(process.execPath, START, {
    environment: {
      SONDE_HOST: '127.0.0.1',
      SONDE_PORT: '0',
      SONDE_DATA_DIR: folder,
      SONDE_INIT_PASSWORD: 'correct horse',
      SONDE_INIT_TOKEN: BENCH_TOKEN,
      SONDE_LOG_LEVEL: 'warn',
      ...environment,
    },
  })
  const urlOf = () => /serves (http:\/\/\S+)/.exec(running.printed())?.[1]
  await untilReady('Sonde', running, async () => {
    const url = urlOf()
    return url !== undefined && (await answers(`${url}/readyz`))
  })
  return { ...running, port: Number(new URL(urlOf()!).port) }
}

/** In a process of its own, so that the memory of this one does not grow. */
async function mergeFolder(folder: string): Promise<void> {
  const merging = runProcess(process.execPath, [join(ROOT, 'bench/http/merge-folder.ts'), folder])
  if ((await merging.ended) !== 0) throw new LoadError(`The merge failed: ${merging.printed()}`)
}

function writeHead(space: string, bodyBytes: number): Buffer {
  const headers = `${AUTHORIZATION}Content-Type: text/plain; charset=utf-8\r\n`
  return httpHead('POST', `/api/v2/write?bucket=${space}`, { headers, bodyBytes })
}

function get(parameters: Readonly<Record<string, string>>): Buffer {
  return httpGet('/api/v1/query/', parameters, AUTHORIZATION)
}

function parametersOf({ kind, device, metric, fromS, toS }: Question): Record<string, string> {
  const ofDevice = { device: deviceName(device) }
  const ofMetric = { variable: `iot.${metricName(metric)}` }
  const range = { start: String(fromS * 1_000), end: String(toS * 1_000) }
  const questions: Record<QuestionKind, Record<string, string>> = {
    last: { ...ofDevice, ...ofMetric, agg: 'last' },
    'raw-hour': { ...ofDevice, ...ofMetric, ...range },
    'hourly-mean': { ...ofDevice, ...ofMetric, ...range, every: '1h', agg: 'mean' },
    'five-minute-max': { ...ofDevice, ...range, every: '5m', agg: 'max' },
    'device-means': { ...ofMetric, ...range, agg: 'mean' },
    'device-means-cut': { ...ofMetric, ...range, agg: 'mean' },
    'metric-sum': { ...ofMetric, ...range, agg: 'sum', by: 'none' },
    'device-lasts': { ...ofMetric, agg: 'last' },
    export: { ...ofDevice, ...range },
  }
  return questions[kind]
}

interface Results {
  readonly results: readonly {
    readonly device: string
    readonly variable: string
    readonly times: readonly number[]
    readonly values: readonly number[]
  }[]
}

function readAnswer({ kind }: Question, body: Buffer): number[] {
  const { results } = JSON.parse(body.toString()) as Results
  const isByMetric = kind === 'five-minute-max' || kind === 'export'
  const sorted = [...results].sort((a, b) =>
    isByMetric ? numberIn(a.variable) - numberIn(b.variable) : numberIn(a.device) - numberIn(b.device),
  )
  const isTimed = kind === 'raw-hour' || kind === 'hourly-mean'
  return sorted.flatMap(({ times, values }) =>
    isTimed ? times.flatMap((timeMs, i) => [timeMs / 1_000, values[i]]) : values,
  )
}
