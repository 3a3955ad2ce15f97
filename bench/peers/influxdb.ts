/** InfluxDB 1.6, as Debian packages it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folderBytes, untilSteady } from '../http/folder-size.ts'
import { answers, freePort, runProcess, untilReady } from '../http/run-process.ts'
import { httpGet, httpHead } from '../load/http-answers.ts'
import { deviceName, metricNames, numberIn } from '../load/iot-data.ts'
import type { Question, QuestionKind } from '../load/questions.ts'
import { type Database, type RunningDatabase, SPACES } from './database.ts'
import { installedVersion } from './install.ts'
import { columns, textRows } from './rows.ts'
import { singleLine } from './sonde.ts'

const PROGRAM = '/usr/bin/influxd'
const CSV = 'Accept: application/csv\r\n'

export const influxdb: Database = {
  name: 'InfluxDB',
  needs: { packages: ['influxdb'], program: PROGRAM },
  durability: 'in its log, fsynced',
  setup: 'files that got no points for 5 s are compacted, instead of for 10 min and 4 h',
  keptTo: 0,
  wire: 'http',
  bodyFormat: 'lines',
  bulkRequest: (space, body) => [writeHead(space, body.length), body],
  singleRequest(space, write) {
    const line = singleLine(write)
    return Buffer.concat([writeHead(space, line.length), line])
  },
  ask(question, workload) {
    const headers = question.kind === 'export' ? CSV : undefined
    return query('iot', statementOf(question, metricNames(workload)), headers)
  },
  read: readAnswer,
  askCount: (space) => query(space, 'SELECT count(*) FROM iot'),
  readCount(body) {
    const counts = seriesOf(body)[0]?.values[0].slice(1) ?? []
    return counts.reduce((total, count) => total + count, 0)
  },
  start,
}

async function start(folder: string): Promise<RunningDatabase> {
  const [port, rpcPort] = [await freePort(), await freePort()]
  const file = join(folder, 'influxdb.conf')
  await writeFile(file, configuration(folder, { port, rpcPort }))
  const running = runProcess(PROGRAM, ['run', '-config', file])
  const url = `http://127.0.0.1:${port}`
  await untilReady('InfluxDB', running, () => answers(`${url}/ping`))
  for (const space of SPACES) {
    await fetch(`${url}/query`, {
      method: 'POST',
      body: new URLSearchParams({ q: `CREATE DATABASE ${space}` }),
    })
  }
  const kept = join(folder, 'kept')
  return {
    version: await installedVersion('influxdb'),
    port,
    pid: running.pid,
    sizeBytes: () => folderBytes(kept),
    makeVisible: async () => {},
    settle: () => untilSteady(kept),
    stop: () => running.stop(),
  }
}

function configuration(folder: string, { port, rpcPort }: { port: number; rpcPort: number }): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/kept/meta"
[data]
  dir = "${folder}/kept/data"
  wal-dir = "${folder}/kept/wal"
  query-log-enabled = false
  cache-snapshot-write-cold-duration = "5s"
  compact-full-write-cold-duration = "5s"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
[logging]
  level = "error"
`
}

function writeHead(space: string, bodyBytes: number): Buffer {
  return httpHead('POST', `/write?db=${space}`, { bodyBytes })
}

function query(database: string, statement: string, headers?: string): Buffer {
  return httpGet('/query', { db: database, epoch: 's', q: statement }, headers)
}

function statementOf({ kind, device, metric, fromS, toS }: Question, fields: readonly string[]): string {
  const field = fields[metric]
  const ofDevice = `host = '${deviceName(device)}'`
  const range = `time >= ${fromS * 1_000}ms AND time < ${toS * 1_000}ms`
  const maxima = fields.map((each) => `max(${each})`)
  const statements: Record<QuestionKind, string> = {
    last: `SELECT last(${field}) FROM iot WHERE ${ofDevice}`,
    'raw-hour': `SELECT ${field} FROM iot WHERE ${ofDevice} AND ${range}`,
    'hourly-mean': `SELECT mean(${field}) FROM iot WHERE ${ofDevice} AND ${range} GROUP BY time(1h)`,
    'five-minute-max': `SELECT ${maxima} FROM iot WHERE ${ofDevice} AND ${range} GROUP BY time(5m)`,
    'device-means': `SELECT mean(${field}) FROM iot WHERE ${range} GROUP BY host`,
    'device-means-cut': `SELECT mean(${field}) FROM iot WHERE ${range} GROUP BY host`,
    'metric-sum': `SELECT sum(${field}) FROM iot WHERE ${range}`,
    'device-lasts': `SELECT last(${field}) FROM iot GROUP BY host`,
    export: `SELECT ${fields} FROM iot WHERE ${ofDevice} AND ${range}`,
  }
  return statements[kind]
}

interface Series {
  readonly tags?: { readonly host: string }
  /** Rows of a time and the values at it. */
  readonly values: readonly (readonly number[])[]
}

function seriesOf(body: Buffer): Series[] {
  return (JSON.parse(body.toString()) as { results: { series?: Series[] }[] }).results[0].series ?? []
}

function readAnswer({ kind }: Question, body: Buffer): number[] {
  // A heading, then lines of `name,tags,time,` and the values.
  if (kind === 'export')
    return columns(
      textRows(body, ',')
        .slice(1)
        .map((row) => row.slice(3)),
    )
  const series = seriesOf(body)
  if (kind === 'five-minute-max') return columns(series[0].values.map((row) => row.slice(1)))
  if (kind === 'raw-hour' || kind === 'hourly-mean') return series[0].values.flat()
  return series
    .sort((a, b) => numberIn(a.tags?.host ?? '0') - numberIn(b.tags?.host ?? '0'))
    .map(({ values }) => values[0][1])
}
