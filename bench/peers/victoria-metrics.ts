/** VictoriaMetrics, single node, as Debian packages it. */
import { join } from 'node:path'
import { folderBytes, untilSteady } from '../http/folder-size.ts'
import { answers, freePort, runProcess, untilReady } from '../http/run-process.ts'
import { httpGet, httpHead } from '../load/http-answers.ts'
import { deviceName, metricName, numberIn, START_S } from '../load/iot-data.ts'
import { FIVE_MINUTES_S, HOUR_S, type Question, type QuestionKind } from '../load/questions.ts'
import type { Database, RunningDatabase } from './database.ts'
import { installedVersion } from './install.ts'
import { singleLine } from './sonde.ts'

const PROGRAM = '/usr/bin/victoria-metrics'
/** Long enough for every point of every benchmark. The start of a window does not belong to it. */
const ALL_S = 30 * 86_400

export const victoriaMetrics: Database = {
  name: 'VictoriaMetrics',
  needs: { packages: ['victoria-metrics'], program: PROGRAM },
  durability: 'in memory',
  setup: 'retention of 100 years; its cache of answers is not used',
  keptTo: 0,
  wire: 'http',
  bodyFormat: 'lines',
  bulkRequest: (space, body) => [writeHead(space, body.length), body],
  singleRequest(space, write) {
    const line = singleLine(write)
    return Buffer.concat([writeHead(space, line.length), line])
  },
  ask,
  read: readAnswer,
  askCount(space) {
    const query = `sum(count_over_time({db="${space}"}[${ALL_S + 1}s]))`
    return httpGet('/api/v1/query', { query, time: String(START_S + ALL_S), nocache: '1' })
  },
  readCount: (body) => Number(seriesOf(body)[0]?.value?.[1] ?? 0),
  start,
}

async function start(folder: string): Promise<RunningDatabase> {
  const port = await freePort()
  const kept = join(folder, 'kept')
  const running = runProcess(PROGRAM, [
    `-storageDataPath=${kept}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-retentionPeriod=100y',
    '-loggerLevel=ERROR',
  ])
  const url = `http://127.0.0.1:${port}`
  await untilReady('VictoriaMetrics', running, () => answers(`${url}/health`))
  return {
    version: await installedVersion('victoria-metrics'),
    port,
    pid: running.pid,
    sizeBytes: () => folderBytes(kept),
    async makeVisible() {
      await answers(`${url}/internal/force_flush`)
    },
    async settle() {
      await answers(`${url}/internal/force_merge`)
      await untilSteady(kept)
    },
    stop: () => running.stop(),
  }
}

function writeHead(space: string, bodyBytes: number): Buffer {
  return httpHead('POST', `/write?db=${space}`, { bodyBytes })
}

/**
 * Its windows have their end in and their start out, the other way round than ours. Points lie on whole seconds,
 * so a window that ends a millisecond earlier holds the same points.
 */
function ask({ kind, device, metric, fromS, toS }: Question): Buffer {
  const ofDevice = `host="${deviceName(device)}",db="iot"`
  const one = `iot_${metricName(metric)}{${ofDevice}}`
  const all = `iot_${metricName(metric)}{db="iot"}`
  const window = `[${(toS - fromS) * 1_000}ms]`
  const at = (query: string) => httpGet('/api/v1/query', { query, time: moment(toS), nocache: '1' })
  const each = (query: string, everyS: number) =>
    httpGet('/api/v1/query_range', {
      query,
      start: moment(fromS + everyS),
      end: moment(fromS + Math.ceil((toS - fromS) / everyS) * everyS),
      step: `${everyS}s`,
      nocache: '1',
    })
  const requests: Record<QuestionKind, () => Buffer> = {
    last: () => at(one),
    'raw-hour': () => httpGet('/api/v1/export', { 'match[]': one, start: String(fromS), end: moment(toS) }),
    'hourly-mean': () => each(`avg_over_time(${one}[1h])`, HOUR_S),
    'five-minute-max': () => each(`max_over_time({${ofDevice}}[5m])`, FIVE_MINUTES_S),
    'device-means': () => at(`avg_over_time(${all}${window})`),
    'device-means-cut': () => at(`avg_over_time(${all}${window})`),
    'metric-sum': () => at(`sum(sum_over_time(${all}${window}))`),
    'device-lasts': () => at(all),
    export: () =>
      httpGet('/api/v1/export/csv', {
        format: '__name__,__timestamp__:unix_s,__value__',
        'match[]': `{${ofDevice}}`,
        start: String(fromS),
        end: moment(toS),
      }),
  }
  return requests[kind]()
}

function moment(seconds: number): string {
  return (seconds - 0.001).toFixed(3)
}

interface Series {
  readonly metric: { readonly __name__?: string; readonly host?: string }
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

function seriesOf(body: Buffer): Series[] {
  return (JSON.parse(body.toString()) as { data: { result: Series[] } }).data.result
}

function readAnswer({ kind, fromS }: Question, body: Buffer): number[] {
  if (kind === 'export') return exported(body)
  if (kind === 'raw-hour') {
    const raw = JSON.parse(body.toString()) as { timestamps: number[]; values: number[] }
    return raw.timestamps.flatMap((timeMs, i) => [timeMs / 1_000, raw.values[i]])
  }
  const series = seriesOf(body)
  if (kind === 'hourly-mean') {
    return (series[0].values ?? []).flatMap(([, value], i) => [fromS + i * HOUR_S, Number(value)])
  }
  const isByMetric = kind === 'five-minute-max'
  const place = ({ metric }: Series) => numberIn((isByMetric ? metric.__name__ : metric.host) ?? '0')
  return series
    .sort((a, b) => place(a) - place(b))
    .flatMap(({ value, values = [] }) => (value ? [value] : values).map(([, text]) => Number(text)))
}

/** A series may come in several blocks, in any order. */
function exported(body: Buffer): number[] {
  const rows = body
    .toString()
    .trimEnd()
    .split('\n')
    .map((row) => row.split(','))
  return rows
    .map(([name, timeS, value]) => ({ metric: numberIn(name), timeS: Number(timeS), value: Number(value) }))
    .sort((a, b) => a.metric - b.metric || a.timeS - b.timeS)
    .map(({ value }) => value)
}
