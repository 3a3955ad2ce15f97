/** ClickHouse, as Debian packages it. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { answers, freePort, runProcess, untilReady } from '../http/run-process.ts'
import { httpGet, httpHead } from '../load/http-answers.ts'
import { metricNames } from '../load/iot-data.ts'
import { LoadError } from '../load/load-error.ts'
import type { Question, QuestionKind } from '../load/questions.ts'
import type { Workload } from '../workload.ts'
import { type Database, type RunningDatabase, SPACES, type Space } from './database.ts'
import { installedVersion } from './install.ts'
import { readRows, textRows } from './rows.ts'

const PROGRAM = '/usr/sbin/clickhouse-server'

export const clickhouse: Database = {
  name: 'ClickHouse',
  needs: { packages: ['clickhouse-server', 'clickhouse-client'], program: PROGRAM },
  durability: 'in the page cache',
  setup: 'one row for all metrics of a device at a time, in the order of device and time',
  // It reads 5.81 as 5.8100000000000005.
  keptTo: 1e-15,
  wire: 'http',
  bodyFormat: 'rows',
  bulkRequest: (space, body) => [insertHead(space, body.length), body],
  singleRequest(space, { writer, timeS, value }) {
    const row = Buffer.from(`${writer}\t${timeS}\t${value}\n`)
    return Buffer.concat([insertHead(space, row.length), row])
  },
  ask: (question, workload) => select(statementOf(question, metricNames(workload))),
  read: (question, body) => readRows(question, textRows(body, question.kind === 'export' ? ',' : '\t')),
  askCount: (space, workload) =>
    select(`SELECT count() * ${columnsOf(space, workload).length} FROM ${space}`),
  readCount: (body) => Number(body.toString()),
  start,
}

function columnsOf(space: Space, workload: Workload): string[] {
  return space === 'single' ? ['metric_0'] : metricNames(workload)
}

async function start(folder: string, workload: Workload): Promise<RunningDatabase> {
  const [port, nativePort] = [await freePort(), await freePort()]
  const kept = join(folder, 'kept')
  await mkdir(kept)
  await writeFile(join(folder, 'users.xml'), USERS)
  const file = join(folder, 'config.xml')
  await writeFile(file, configuration(folder, { port, nativePort }))
  const running = runProcess(PROGRAM, [`--config-file=${file}`], { folder })
  const url = `http://127.0.0.1:${port}/`
  await untilReady('ClickHouse', running, () => answers(`${url}ping`))
  const execute = async (statement: string) => {
    const reply = await fetch(url, { method: 'POST', body: statement })
    if (!reply.ok) throw new LoadError(`ClickHouse: ${await reply.text()}`)
  }
  for (const space of SPACES) {
    const fields = columnsOf(space, workload).map((name) => `${name} Float64`)
    await execute(`
      CREATE TABLE ${space} (device UInt32, time DateTime, ${fields})
      ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY (device, time)`)
  }
  return {
    version: await installedVersion('clickhouse-server'),
    port,
    pid: running.pid,
    // Parts that were merged into others stay for a while and are not counted.
    async sizeBytes() {
      const query = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'iot'"
      return Number(await (await fetch(`${url}?${new URLSearchParams({ query })}`)).text())
    },
    makeVisible: async () => {},
    async settle() {
      await execute('OPTIMIZE TABLE iot FINAL')
    },
    stop: () => running.stop(),
  }
}

const USERS = `
<yandex>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </default>
  </users>
</yandex>
`

function configuration(folder: string, { port, nativePort }: { port: number; nativePort: number }): string {
  return `
<yandex>
  <logger>
    <level>error</level>
    <log>${folder}/server.log</log>
    <errorlog>${folder}/error.log</errorlog>
  </logger>
  <http_port>${port}</http_port>
  <tcp_port>${nativePort}</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <keep_alive_timeout>600</keep_alive_timeout>
  <max_concurrent_queries>100</max_concurrent_queries>
  <mark_cache_size>5368709120</mark_cache_size>
  <path>${folder}/kept/</path>
  <tmp_path>${folder}/kept/tmp/</tmp_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <timezone>UTC</timezone>
</yandex>
`
}

function insertHead(space: Space, bodyBytes: number): Buffer {
  const query = encodeURIComponent(`INSERT INTO ${space} FORMAT TSV`)
  return httpHead('POST', `/?query=${query}`, { bodyBytes })
}

function select(query: string): Buffer {
  return httpGet('/', { query })
}

function statementOf({ kind, device, metric, fromS, toS }: Question, metrics: readonly string[]): string {
  const field = metrics[metric]
  const ofDevice = `device = ${device}`
  const range = `time >= toDateTime(${fromS}) AND time < toDateTime(${toS})`
  const maxima = metrics.map((name) => `max(${name})`)
  const statements: Record<QuestionKind, string> = {
    last: `SELECT argMax(${field}, time) FROM iot WHERE ${ofDevice}`,
    'raw-hour': `SELECT toUnixTimestamp(time), ${field} FROM iot WHERE ${ofDevice} AND ${range} ORDER BY time`,
    'hourly-mean': `
      SELECT toUnixTimestamp(toStartOfHour(time)) AS hour, avg(${field}) FROM iot
      WHERE ${ofDevice} AND ${range} GROUP BY hour ORDER BY hour`,
    'five-minute-max': `
      SELECT toUnixTimestamp(toStartOfFiveMinute(time)) AS start, ${maxima} FROM iot
      WHERE ${ofDevice} AND ${range} GROUP BY start ORDER BY start`,
    'device-means': `SELECT device, avg(${field}) FROM iot WHERE ${range} GROUP BY device`,
    'device-means-cut': `SELECT device, avg(${field}) FROM iot WHERE ${range} GROUP BY device`,
    'metric-sum': `SELECT sum(${field}) FROM iot WHERE ${range}`,
    'device-lasts': `SELECT device, argMax(${field}, time) FROM iot GROUP BY device`,
    export: `SELECT toUnixTimestamp(time), ${metrics} FROM iot WHERE ${ofDevice} AND ${range} ORDER BY time FORMAT CSV`,
  }
  return statements[kind]
}
