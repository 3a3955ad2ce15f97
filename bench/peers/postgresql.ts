/** PostgreSQL 15, as Debian packages it, with its own protocol. */
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { folderBytes } from '../http/folder-size.ts'
import { freePort, type ProcessOptions, runProcess, untilReady } from '../http/run-process.ts'
import { metricNames } from '../load/iot-data.ts'
import { LoadError } from '../load/load-error.ts'
import { copyMessages, openPostgres, queryMessage, rowsOf } from '../load/postgres-answers.ts'
import type { Question, QuestionKind } from '../load/questions.ts'
import type { Workload } from '../workload.ts'
import { type Database, type RunningDatabase, SPACES, type Space } from './database.ts'
import { installedVersion } from './install.ts'
import { readRows, textRows } from './rows.ts'

const PROGRAMS = '/usr/lib/postgresql/15/bin'
const run = promisify(execFile)

export const postgresql: Database = {
  name: 'PostgreSQL',
  needs: { packages: ['postgresql-15'], program: `${PROGRAMS}/postgres` },
  durability: 'in its log, fsynced (synchronous_commit)',
  setup:
    'one row for all metrics of a device at a time, primary key of device and time; COPY, else simple queries',
  keptTo: 0,
  wire: 'postgres',
  bodyFormat: 'rows',
  bulkRequest: (space, body) => copyMessages(`COPY ${space} FROM STDIN`, body),
  singleRequest: (space, { writer, timeS, value }) =>
    queryMessage(`INSERT INTO ${space} VALUES (${writer}, to_timestamp(${timeS}), ${value})`),
  ask: (question, workload) => queryMessage(statementOf(question, workload)),
  read(question, body) {
    if (question.kind === 'export') return readRows(question, textRows(body, ','))
    return readRows(
      question,
      rowsOf(body).map((row) => row.map(Number)),
    )
  },
  askCount: (space, workload) =>
    queryMessage(`SELECT count(*) * ${columnsOf(space, workload).length} FROM ${space}`),
  readCount: (body) => Number(rowsOf(body)[0][0]),
  start,
}

function columnsOf(space: Space, workload: Workload): string[] {
  return space === 'single' ? ['metric_0'] : metricNames(workload)
}

async function start(folder: string, workload: Workload): Promise<RunningDatabase> {
  const user = await otherUser()
  const kept = join(folder, 'kept')
  await mkdir(kept)
  if (user) {
    // The folder above is open to its owner alone.
    await chmod(folder, 0o755)
    await chown(kept, user.uid, user.gid)
  }
  await initialize(kept, user)
  const port = await freePort()
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC']
  const running = runProcess(
    `${PROGRAMS}/postgres`,
    ['-D', kept, ...settings.flatMap((each) => ['-c', each])],
    // A fast shutdown; the usual one would wait for open sessions.
    { folder: kept, user, stopSignal: 'SIGINT' },
  )
  await untilReady('PostgreSQL', running, async () => (await openPostgres(port)).close() === undefined)
  const execute = async (statement: string) => {
    const connection = await openPostgres(port)
    const { isOk, body } = await connection.exchange([queryMessage(statement)])
    connection.close()
    if (!isOk) throw new LoadError(`PostgreSQL: ${body.toString()}`)
  }
  for (const space of SPACES) {
    const fields = columnsOf(space, workload).map((name) => `${name} float8`)
    await execute(
      `CREATE TABLE ${space} (device integer, time timestamptz, ${fields}, PRIMARY KEY (device, time))`,
    )
  }
  // Its log goes round in a circle and is not counted, and neither are the tables that it comes with.
  const base = join(kept, 'base')
  const emptyBytes = await folderBytes(base)
  return {
    version: await installedVersion('postgresql-15'),
    port,
    pid: running.pid,
    sizeBytes: async () => (await folderBytes(base)) - emptyBytes,
    makeVisible: async () => {},
    async settle() {
      await execute('VACUUM ANALYZE iot')
      await execute('CHECKPOINT')
    },
    stop: () => running.stop(),
  }
}

async function initialize(folder: string, user: ProcessOptions['user']): Promise<void> {
  const given = ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']
  await run(`${PROGRAMS}/initdb`, given, { ...user, cwd: folder })
}

/** PostgreSQL refuses to run as root. */
async function otherUser(): Promise<ProcessOptions['user']> {
  if (process.getuid?.() !== 0) return undefined
  const id = async (option: string) => Number((await run('id', [option, 'postgres'])).stdout)
  return { uid: await id('-u'), gid: await id('-g') }
}

function statementOf({ kind, device, metric, fromS, toS }: Question, workload: Workload): string {
  const metrics = metricNames(workload)
  const field = metrics[metric]
  const ofDevice = `device = ${device}`
  const range = `time >= to_timestamp(${fromS}) AND time < to_timestamp(${toS})`
  const bucket = (width: string) => `date_bin('${width}', time, to_timestamp(0))`
  const maxima = metrics.map((name) => `max(${name})`)
  const statements: Record<QuestionKind, string> = {
    last: `SELECT ${field} FROM iot WHERE ${ofDevice} ORDER BY time DESC LIMIT 1`,
    'raw-hour': `SELECT extract(epoch FROM time), ${field} FROM iot WHERE ${ofDevice} AND ${range} ORDER BY time`,
    'hourly-mean': `
      SELECT extract(epoch FROM ${bucket('1 hour')}), avg(${field}) FROM iot
      WHERE ${ofDevice} AND ${range} GROUP BY 1 ORDER BY 1`,
    'five-minute-max': `
      SELECT ${bucket('5 minutes')}, ${maxima} FROM iot
      WHERE ${ofDevice} AND ${range} GROUP BY 1 ORDER BY 1`,
    'device-means': `SELECT device, avg(${field}) FROM iot WHERE ${range} GROUP BY device`,
    'device-means-cut': `SELECT device, avg(${field}) FROM iot WHERE ${range} GROUP BY device`,
    'metric-sum': `SELECT sum(${field}) FROM iot WHERE ${range}`,
    // A step down the index per device, which grouping would not do.
    'device-lasts': `
      SELECT number, (SELECT ${field} FROM iot WHERE device = number ORDER BY time DESC LIMIT 1)
      FROM generate_series(0, ${workload.deviceCount - 1}) AS number`,
    export: `COPY (SELECT time, ${metrics} FROM iot WHERE ${ofDevice} AND ${range} ORDER BY time) TO STDOUT CSV`,
  }
  return statements[kind]
}
