/** Closed loops that write: each connection waits for an answer before it sends the next request. */
import type { Database, Space } from '../peers/database.ts'
import type { Body } from './bodies.ts'
import { Connection } from './connection.ts'
import { HttpAnswerReader } from './http-answers.ts'
import { LoadError } from './load-error.ts'
import { percentile } from './percentile.ts'
import { openPostgres } from './postgres-answers.ts'

export interface WriteRate {
  /** Values acknowledged. */
  readonly count: number
  readonly elapsedMs: number
}

export interface SingleRate extends WriteRate {
  /** With the first write of each writer, which is not timed. */
  readonly totalCount: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Place {
  readonly database: Database
  readonly port: number
  readonly space: Space
}

const BULK_CONNECTIONS = 4
const SINGLE_VALUE = 21.5

export function openConnection({ wire }: Database, port: number): Promise<Connection> {
  return wire === 'http' ? Connection.open(port, new HttpAnswerReader()) : openPostgres(port)
}

/** @throws {LoadError} a body was refused, with the reason that the database gave. */
export async function writeBulk(
  { database, port, space }: Place,
  bodies: readonly Body[],
): Promise<WriteRate> {
  // The requests lie ready as well; only sending them is timed.
  const requests = bodies.map(({ bytes }) => database.bulkRequest(space, bytes)).values()
  const connections = await openAll(database, port, BULK_CONNECTIONS)
  const start = performance.now()
  await untilAllDone(connections, async (connection) => {
    for (const request of requests) check(await connection.exchange(request))
  })
  const elapsedMs = performance.now() - start
  return { count: bodies.reduce((total, { valueCount }) => total + valueCount, 0), elapsedMs }
}

/** One value per request from each of the writers, every one with a device of its own, until told to stop. */
export async function writeSingles(
  { database, port, space }: Place,
  {
    writerCount,
    fromS,
    isOver,
  }: { writerCount: number; fromS: number; isOver: (elapsedMs: number) => boolean },
): Promise<SingleRate> {
  const connections = await openAll(database, port, writerCount)
  const latenciesMs: number[] = []
  const requests = connections.map((_, writer) => {
    return timedRequest(database.singleRequest(space, { writer, timeS: fromS, value: SINGLE_VALUE }), fromS)
  })
  const write = async (connection: Connection, writer: number, at: number) => {
    const request = requests[writer](fromS + at)
    const sent = performance.now()
    check(await connection.exchange(request))
    return performance.now() - sent
  }
  // The first write makes the series; that is another question.
  await Promise.all(connections.map((connection, writer) => write(connection, writer, 0)))
  const start = performance.now()
  await untilAllDone(connections, async (connection, writer) => {
    for (let at = 1; at === 1 || !isOver(performance.now() - start); at++) {
      latenciesMs.push(await write(connection, writer, at))
    }
  })
  const elapsedMs = performance.now() - start
  return {
    count: latenciesMs.length,
    totalCount: latenciesMs.length + writerCount,
    elapsedMs,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  }
}

/** A request whose ten digits of time are changed where they stand, so that making it costs next to nothing. */
function timedRequest(request: Buffer, writtenS: number): (timeS: number) => readonly Buffer[] {
  const at = request.indexOf(String(writtenS))
  const parts = [request]
  return (timeS) => {
    request.write(String(timeS), at, 'latin1')
    return parts
  }
}

function openAll(database: Database, port: number, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => openConnection(database, port)))
}

async function untilAllDone(
  connections: readonly Connection[],
  work: (connection: Connection, index: number) => Promise<void>,
): Promise<void> {
  try {
    await Promise.all(connections.map(work))
  } finally {
    for (const connection of connections) connection.close()
  }
}

function check({ isOk, body }: { isOk: boolean; body: Buffer }): void {
  if (!isOk) throw new LoadError(`A write was refused: ${body.toString().slice(0, 500)}`)
}
