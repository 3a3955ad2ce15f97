/** Asks every question on one connection, checks every answer, and times from the request to its last byte. */

import type { Connection } from '../load/connection.ts'
import type { IotData } from '../load/iot-data.ts'
import { LoadError } from '../load/load-error.ts'
import { percentile } from '../load/percentile.ts'
import {
  differenceOf,
  expectedAnswers,
  exportedValues,
  QUESTION_KINDS,
  type Question,
  type QuestionKind,
  questionOf,
} from '../load/questions.ts'
import { openConnection } from '../load/writers.ts'
import type { Database, Space } from '../peers/database.ts'
import type { Finding } from '../report.ts'
import type { Workload } from '../workload.ts'
import type { Plan } from './plan.ts'

const QUESTIONS: Readonly<Record<QuestionKind, { name: string; atMost: number }>> = {
  last: { name: 'last value of one series', atMost: 0.1 },
  'raw-hour': { name: 'raw hour of one series', atMost: 0.2 },
  'hourly-mean': { name: 'hourly mean of one series', atMost: 0.2 },
  'five-minute-max': { name: '5-minute maximum of all series of a device', atMost: 0.8 },
  'device-means': { name: 'mean per device, whole range', atMost: 3 },
  'device-means-cut': { name: 'mean per device, range that cuts chunks', atMost: 10 },
  'metric-sum': { name: 'sum of a metric over all devices', atMost: 3 },
  'device-lasts': { name: 'last value of a metric, all devices', atMost: 0.3 },
  export: { name: 'export of one device', atMost: Number.NaN },
}
const EXPORT_AT_LEAST = 9

/** Of each question, in calls that are timed: a server runs for months, and is asked again and again. */
const WARM_UP_FACTOR = 4
const CALLS_IN_A_ROW = 30
const COUNT_MS_MAX = 30_000
const COUNT_EVERY_MS = 100

/** @throws {LoadError} an answer is wrong, or none. */
export async function askAll(
  { database, port }: { database: Database; port: number },
  data: IotData,
  plan: Plan,
): Promise<Finding[]> {
  const connection = await openConnection(database, port)
  try {
    const findings = []
    for (const kind of QUESTION_KINDS) findings.push(await askOne({ database, connection, kind }, data, plan))
    return findings
  } finally {
    connection.close()
  }
}

async function askOne(
  { database, connection, kind }: { database: Database; connection: Connection; kind: QuestionKind },
  data: IotData,
  { callsMax, askMsMax }: Plan,
): Promise<Finding> {
  const expected = expectedAnswers(data)
  const name = `${database.name}, ${QUESTIONS[kind].name}`
  const check = (question: Question, body: Buffer) => {
    const difference = differenceOf(kind, {
      expected: expected(question),
      found: database.read(question, body),
      keptTo: database.keptTo,
    })
    if (difference) throw new LoadError(`${name}: the answer is wrong: ${difference}`)
  }
  const runsMs: number[] = []
  let totalMs = 0
  const warmUpCalls = WARM_UP_FACTOR * callsMax
  const calls = callsMax + warmUpCalls
  for (let call = 0; call < calls && (totalMs < askMsMax || runsMs.length === 0); ) {
    // Answers are checked in between, since finding the right ones takes longer than asking.
    const answers: [Question, Buffer][] = []
    do {
      const question = questionOf(kind, call, data)
      const request = [database.ask(question, data.workload)]
      const start = performance.now()
      const { isOk, body } = await connection.exchange(request)
      const elapsedMs = performance.now() - start
      if (!isOk) throw new LoadError(`${name}: ${body.toString().slice(0, 500)}`)
      // Where a call takes seconds, warming up must not take minutes.
      if (call >= warmUpCalls || totalMs > askMsMax / 4) runsMs.push(elapsedMs)
      totalMs += elapsedMs
      answers.push([question, Buffer.from(body)])
      call++
    } while (call % CALLS_IN_A_ROW !== 0 && call < calls && totalMs < askMsMax)
    for (const [question, body] of answers) check(question, body)
  }
  return findingOf(kind, runsMs, data)
}

function findingOf(kind: QuestionKind, runsMs: readonly number[], data: IotData): Finding {
  const { name, atMost } = QUESTIONS[kind]
  const p50Ms = percentile(runsMs, 0.5)
  const values = exportedValues(kind, data)
  if (values > 0) {
    return { name, value: values / p50Ms / 1_000, unit: 'M values/s', must: { atLeast: EXPORT_AT_LEAST } }
  }
  return { name, value: p50Ms, p99: percentile(runsMs, 0.99), unit: 'ms', must: { atMost } }
}

/**
 * Waits until a space holds as many values as were acknowledged; some databases show them a little later.
 * @throws {LoadError} it does not, within half a minute.
 */
export async function expectCount(
  { database, port }: { database: Database; port: number },
  { space, workload, count }: { space: Space; workload: Workload; count: number },
): Promise<void> {
  const connection = await openConnection(database, port)
  const giveUpAt = performance.now() + COUNT_MS_MAX
  try {
    for (;;) {
      const { isOk, body } = await connection.exchange([database.askCount(space, workload)])
      const found = isOk ? database.readCount(body) : `"${body.toString().slice(0, 500)}"`
      if (found === count) return
      if (performance.now() > giveUpAt) {
        throw new LoadError(`${database.name} holds ${found} values in ${space}; ${count} were acknowledged`)
      }
      await new Promise((resolve) => setTimeout(resolve, COUNT_EVERY_MS))
    }
  } finally {
    connection.close()
  }
}
