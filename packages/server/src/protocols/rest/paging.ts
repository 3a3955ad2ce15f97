/** Lists come in pages: `{"count", "next", "previous", "results"}` with absolute links. */
import type { FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Page, Paged } from '../../catalog/page.ts'
import { NotFoundError } from '../../errors.ts'
import type { PublicUrl } from '../../http/public-url.ts'
import { Type } from './schema.ts'

/** Items per page: without a wish, and at most. */
export interface PageSizes {
  readonly usual: number
  readonly most: number
}

export const SMALL_PAGES: PageSizes = { usual: 100, most: 1_000 }
export const WIDE_PAGES: PageSizes = { usual: 1_000, most: 10_000 }
export const DATA_PAGES: PageSizes = { usual: 1_000, most: 20_000 }
export const STREAM_PAGES: PageSizes = { usual: 5_000, most: 20_000 }

export interface PageRequest extends Page {
  readonly number: number
  /** `page=last`: the offset is known once the count is. */
  readonly isLast: boolean
}

export interface PageBody<Item> {
  readonly count: number
  readonly next: string | null
  readonly previous: string | null
  readonly results: Item[]
}

export const PageQuery = {
  page: Type.Optional(Type.String({ description: 'From 1, or `last`' })),
  page_size: Type.Optional(
    Type.String({ description: 'Items per page; more than the maximum means the maximum' }),
  ),
}

export function PageOf<Item extends TSchema>(item: Item) {
  return Type.Object({
    count: Type.Integer(),
    next: Type.Union([Type.String(), Type.Null()]),
    previous: Type.Union([Type.String(), Type.Null()]),
    results: Type.Array(item),
  })
}

/**
 * A size that is no number is ignored.
 * @throws {NotFoundError} the page is no number from 1.
 */
export function readPageRequest(request: FastifyRequest, sizes: PageSizes): PageRequest {
  const { page = '1', page_size = '' } = request.query as Record<string, string | undefined>
  const wished = /^\d+$/.test(page_size) ? Number(page_size) : 0
  const limit = wished > 0 ? Math.min(wished, sizes.most) : sizes.usual
  const isLast = page === 'last'
  if (!isLast && !/^[1-9]\d{0,11}$/.test(page)) throw new NotFoundError('Invalid page.')
  const number = isLast ? 1 : Number(page)
  return { limit, number, isLast, offset: (number - 1) * limit }
}

/** Reads a page of a list, the last one if that is asked for. @throws {NotFoundError} there is no such page. */
export async function readPaged<Row>(
  asked: PageRequest,
  read: (page: Page) => Promise<Paged<Row>>,
): Promise<Paged<Row> & { page: PageRequest }> {
  let page = asked
  let paged = await read(page)
  if (asked.isLast) {
    page = { ...asked, ...lastPage(paged.count, asked.limit) }
    if (page.offset > 0) paged = await read(page)
  }
  if (page.number > 1 && page.offset >= paged.count) throw new NotFoundError('Invalid page.')
  return { ...paged, page }
}

function lastPage(count: number, limit: number): { number: number; offset: number } {
  const number = Math.max(1, Math.ceil(count / limit))
  return { number, offset: (number - 1) * limit }
}

export function pageBody<Item>(
  request: FastifyRequest,
  publicUrl: PublicUrl,
  { count, page, results }: { count: number; page: PageRequest; results: Item[] },
): PageBody<Item> {
  const hasMore = page.offset + page.limit < count
  return {
    count,
    next: hasMore ? linkTo(request, publicUrl, page.number + 1) : null,
    previous: page.number > 1 ? linkTo(request, publicUrl, page.number - 1) : null,
    results,
  }
}

/** The same address with another page; the first has no `page` at all. */
function linkTo(request: FastifyRequest, publicUrl: PublicUrl, number: number): string {
  const [path] = request.url.split('?')
  const parameters = new URLSearchParams(request.query as Record<string, string>)
  if (number === 1) parameters.delete('page')
  else parameters.set('page', String(number))
  const query = parameters.toString()
  return `${publicUrl(request)}${path}${query && `?${query}`}`
}
