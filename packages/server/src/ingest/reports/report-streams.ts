/** The streams that a report's readings belong to, with the conversions that their values go through. */

import type { CatalogDb, StreamRow } from '../../catalog/schema.ts'
import {
  countStreamsOfProject,
  findOrCreateStreams,
  findStreamsBySlugs,
  type NewStream,
  streamSlug,
} from '../../catalog/streams.ts'
import { valueChainOf } from '../../catalog/value-chains.ts'
import { findVariablesOfStreams, variableKey } from '../../catalog/variables.ts'
import { TooLargeError } from '../../errors.ts'
import type { ValueChain } from '../../model/value-chain.ts'

export interface ReportStream {
  readonly stream: StreamRow
  readonly chain: ValueChain
}

export interface StreamsOfReport {
  readonly projectId: number
  readonly deviceId: number
  readonly accountId: number
  readonly nowUs: number
  readonly streamsPerProjectMax: number
}

/**
 * By number of the variable; missing streams are made, without a record.
 * @throws {TooLargeError} the project would have more streams than it may.
 */
export async function findReportStreams(
  db: CatalogDb,
  lids: Iterable<number>,
  { projectId, deviceId, accountId, nowUs, streamsPerProjectMax }: StreamsOfReport,
): Promise<ReadonlyMap<number, ReportStream>> {
  const wanted = Array.from(
    new Set(lids),
    (lid): NewStream => ({
      project_id: projectId,
      device_id: deviceId,
      variable_lid: lid,
      is_registered: 0,
      created_by: accountId,
      created_at_us: nowUs,
    }),
  )
  const slugs = wanted.map(streamSlug)
  const known = await findStreamsBySlugs(db, slugs)
  const missingCount = wanted.length - known.length
  if (
    missingCount > 0 &&
    (await countStreamsOfProject(db, projectId)) + missingCount > streamsPerProjectMax
  ) {
    throw new TooLargeError(`The project would have more than ${streamsPerProjectMax} streams`)
  }
  if (missingCount > 0) await findOrCreateStreams(db, wanted)
  const streams = missingCount > 0 ? await findStreamsBySlugs(db, slugs) : known
  const variables = await findVariablesOfStreams(db, streams)
  return new Map(
    streams.map((stream) => {
      const variable = variables.get(variableKey(stream.project_id, stream.variable_lid))
      return [stream.variable_lid, { stream, chain: valueChainOf(stream, variable) }]
    }),
  )
}
