/**
 * Counts what is changed in the catalog by this process, so that answers from it can be remembered for as
 * long as the count stands. A statement counts once it has been executed. Until its transaction ends nobody
 * else gets at the one connection, so that what is read after the count has moved is what was written.
 */
import {
  type KyselyPlugin,
  type OperationNode,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryId,
  type QueryResult,
  type RootOperationNode,
  TableNode,
  type UnknownRow,
} from 'kysely'
import type { CatalogDb } from './schema.ts'

/** A catalog that counts its changes, transactions included. */
export type CountedCatalog = CatalogDb & { readonly changes: ChangeCounter }

/** Tables that are written all the time, and say nothing of which streams there are and who may see them. */
const UNCOUNTED: ReadonlySet<string> = new Set([
  'audit',
  'commands',
  'consumpdata',
  'counters',
  'device_masks',
  'electricity_users',
  'events',
  'properties',
  'package_files',
  'package_signatures',
  'package_tags',
  'package_tokens',
  'package_users',
  'packages',
  'readings',
  'generated_report_files',
  'generated_reports',
  'password_resets',
  'revoked_jwts',
  'series',
  'series_points',
  'settings',
  'signing_keys',
  'shadows',
  'streamer_reports',
  'streamers',
  'tokens',
])

export class ChangeCounter implements KyselyPlugin {
  #count = 0
  /** One that is kept may run many times. */
  readonly #changing = new WeakSet<QueryId>()

  /** Moves with every change of an organisation, a member, a project, a device, a variable or a stream. */
  get count(): number {
    return this.#count
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    if (isCounted(node)) this.#changing.add(queryId)
    return node
  }

  async transformResult({ result, queryId }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    if (this.#changing.has(queryId)) this.#count++
    return result
  }
}

/** What is not understood counts as a change. */
function isCounted(node: RootOperationNode): boolean {
  switch (node.kind) {
    case 'SelectQueryNode':
      return false
    case 'InsertQueryNode':
      return isCountedTable(node.into)
    case 'UpdateQueryNode':
      return isCountedTable(node.table)
    case 'DeleteQueryNode':
      return node.from.froms.some(isCountedTable)
    default:
      return true
  }
}

function isCountedTable(node: OperationNode | undefined): boolean {
  return node === undefined || !TableNode.is(node) || !UNCOUNTED.has(node.table.identifier.name)
}
