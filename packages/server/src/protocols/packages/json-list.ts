/** Lists of any length, indented by two blanks, written page by page. */
import { Readable } from 'node:stream'

const PAGE_ROWS = 1_000

/** Reads some rows in order of their ids, from behind one. */
export type ReadPage<Row> = (page: { afterId: number; limit: number }) => Promise<Row[]>

/** The text that `JSON.stringify(list, null, 2)` makes of all rows. */
export function jsonList<Row extends { readonly id: number }>(
  read: ReadPage<Row>,
  view: (row: Row) => object,
): Readable {
  return Readable.from(pieces(read, view), { objectMode: false, highWaterMark: 64 * 1_024 })
}

async function* pieces<Row extends { readonly id: number }>(
  read: ReadPage<Row>,
  view: (row: Row) => object,
): AsyncGenerator<Buffer> {
  let before = '['
  for (let afterId = 0; ; ) {
    const rows = await read({ afterId, limit: PAGE_ROWS })
    let text = ''
    for (const row of rows) {
      text += `${before}\n  ${JSON.stringify(view(row), null, 2).replaceAll('\n', '\n  ')}`
      before = ','
    }
    if (text !== '') yield Buffer.from(text)
    if (rows.length < PAGE_ROWS) break
    afterId = rows[rows.length - 1].id
  }
  yield Buffer.from(before === '[' ? '[]' : '\n]')
}
