/** Rows as a table for people: columns as wide as what stands in them, numbers to the right. */

export type Cell = string | number | null

/** Widths are found in so many rows, so that a long answer needs no memory; later ones may stick out. */
const MEASURED_ROWS = 1_000

/** Lines of a table with these headers, ready to print. */
export async function* tableLines(
  headers: readonly string[],
  rows: AsyncIterable<readonly Cell[]>,
): AsyncGenerator<string> {
  let measured: (readonly Cell[])[] | undefined = []
  let widths: number[] = []
  for await (const row of rows) {
    if (measured === undefined) {
      yield line(row, widths)
      continue
    }
    measured.push(row)
    if (measured.length < MEASURED_ROWS) continue
    widths = widthsOf(headers, measured)
    yield* head(headers, measured, widths)
    measured = undefined
  }
  if (measured !== undefined) yield* head(headers, measured, widthsOf(headers, measured))
}

function* head(
  headers: readonly string[],
  rows: readonly (readonly Cell[])[],
  widths: readonly number[],
): Generator<string> {
  yield line(headers, widths)
  yield widths.map((width) => '─'.repeat(width)).join('  ')
  for (const row of rows) yield line(row, widths)
}

function widthsOf(headers: readonly string[], rows: readonly (readonly Cell[])[]): number[] {
  return headers.map((header, column) =>
    rows.reduce((width, row) => Math.max(width, oneLine(row[column]).length), header.length),
  )
}

function line(cells: readonly Cell[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => {
      const text = oneLine(cell)
      return typeof cell === 'number' ? text.padStart(widths[column]) : text.padEnd(widths[column])
    })
    .join('  ')
    .trimEnd()
}

/** In one line, whatever a device has sent: control characters could play tricks on the terminal. */
export function oneLine(cell: Cell): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return String(cell ?? '').replace(/[\u0000-\u001f\u007f-\u009f]/g, '\u00b7')
}
