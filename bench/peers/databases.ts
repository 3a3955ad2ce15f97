/** Everything that can be compared, Sonde first. */
import { LoadError } from '../load/load-error.ts'
import { clickhouse } from './clickhouse.ts'
import type { Database } from './database.ts'
import { influxdb } from './influxdb.ts'
import { postgresql } from './postgresql.ts'
import { sonde } from './sonde.ts'
import { victoriaMetrics } from './victoria-metrics.ts'

export const PEERS: readonly Database[] = [victoriaMetrics, influxdb, clickhouse, postgresql]

export function databaseNamed(name: string): Database {
  const found = [sonde, ...PEERS].find((database) => database.name === name)
  if (!found) throw new LoadError(`There is no database "${name}"`)
  return found
}
