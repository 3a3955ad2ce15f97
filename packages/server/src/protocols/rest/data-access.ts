/** Streams whose points a caller may read, with the conversions that their values went through. */
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../access/caller.ts'
import { hasPermission, sightOf } from '../../access/permissions.ts'
import type { Permission } from '../../access/roles.ts'
import type { StreamRow } from '../../catalog/schema.ts'
import { findStreamsByIds } from '../../catalog/streams.ts'
import { valueChainOf } from '../../catalog/value-chains.ts'
import { findVariablesOfStreams, variableKey } from '../../catalog/variables.ts'
import type { ValueChain } from '../../model/value-chain.ts'
import type { SelectedStream, Selection } from '../../query/select-streams.ts'
import { callerOf } from './caller.ts'
import type { RestServices } from './services.ts'

type DataAccess = Pick<RestServices, 'selector' | 'memberships'>

export interface ChainedStream {
  readonly stream: StreamRow
  readonly chain: ValueChain
}

/** @see streamsReadableBy */
export function readableStreams(
  services: RestServices,
  request: FastifyRequest,
  selection: Selection,
): Promise<readonly SelectedStream[]> {
  const { staff } = request.query as { staff?: string }
  return streamsReadableBy(services, callerOf(request), { selection, asStaff: staff === '1' })
}

/**
 * The selected streams that the caller may read; the others are left out without a word. Never to be
 * changed: the list is shared with those who ask for the same.
 */
export async function streamsReadableBy(
  services: DataAccess,
  caller: Caller,
  { selection, asStaff }: { selection: Selection; asStaff: boolean },
): Promise<readonly SelectedStream[]> {
  const streams = await services.selector.select(sightOf(caller, { asStaff }), selection)
  return permitted(services, caller, 'read_data', streams)
}

/**
 * Those of some streams with which the caller may do something: the same list when it is all of them.
 * Asked anew for every request, once per org, project and device.
 */
async function permitted(
  { memberships }: DataAccess,
  caller: Caller,
  permission: Permission,
  streams: readonly SelectedStream[],
): Promise<readonly SelectedStream[]> {
  // Without a limit on the credential only the organisation counts.
  const isLimited = caller.limit !== undefined
  const answers = new Map<string, boolean>()
  let areAllAllowed = true
  let lastKey: string | undefined
  for (const stream of streams) {
    const key = isLimited ? limitKey(stream) : stream.orgId
    if (key === lastKey || answers.has(key)) continue
    lastKey = key
    const { orgId, projectId, deviceId } = stream
    const target = { orgId, projectId, ...(deviceId === 0 ? {} : { deviceId }) }
    const isAllowed = await hasPermission(memberships, caller, permission, target)
    answers.set(key, isAllowed)
    areAllAllowed &&= isAllowed
  }
  if (areAllAllowed) return streams
  return streams.filter((stream) => answers.get(isLimited ? limitKey(stream) : stream.orgId))
}

function limitKey({ orgId, projectId, deviceId }: SelectedStream): string {
  return `${orgId} ${projectId} ${deviceId}`
}

/** The rows and conversions of streams, in their order. */
export async function withChains(
  { catalog }: RestServices,
  streams: readonly { readonly id: number }[],
): Promise<ChainedStream[]> {
  const rows = await findStreamsByIds(
    catalog,
    streams.map((stream) => stream.id),
  )
  const variables = await findVariablesOfStreams(catalog, rows)
  const byId = new Map(rows.map((row) => [row.id, row]))
  return streams.flatMap(({ id }) => {
    const stream = byId.get(id)
    if (!stream) return []
    const variable = variables.get(variableKey(stream.project_id, stream.variable_lid))
    return [{ stream, chain: valueChainOf(stream, variable) }]
  })
}
