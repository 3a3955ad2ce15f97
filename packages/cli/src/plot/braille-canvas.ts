/** A picture of dots, two by four in a character, of the braille block of Unicode. */

/** Bits of the dots of a character, by row and column. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const
const BLANK = 0x2800

export const DOTS_WIDE = 2
export const DOTS_HIGH = 4

export interface Point {
  /** Dots from the left; may lie outside, where nothing is drawn. */
  readonly x: number
  /** Dots from the top. */
  readonly y: number
}

export class BrailleCanvas {
  readonly columnCount: number
  readonly rowCount: number
  readonly #dots: Uint8Array
  /** Of the last that drew into a character: it can have one colour only. */
  readonly #inks: Uint8Array

  constructor({ columnCount, rowCount }: { columnCount: number; rowCount: number }) {
    this.columnCount = columnCount
    this.rowCount = rowCount
    this.#dots = new Uint8Array(columnCount * rowCount)
    this.#inks = new Uint8Array(columnCount * rowCount)
  }

  /** @param ink From 1 on. */
  dot({ x, y }: Point, ink: number): void {
    const column = Math.floor(x / DOTS_WIDE)
    const row = Math.floor(y / DOTS_HIGH)
    if (column < 0 || column >= this.columnCount || row < 0 || row >= this.rowCount) return
    const at = row * this.columnCount + column
    this.#dots[at] |= DOTS[y % DOTS_HIGH][x % DOTS_WIDE]
    this.#inks[at] = ink
  }

  /** Both ends belong to it. */
  line(from: Point, to: Point, ink: number): void {
    const stepCount = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1)
    for (let step = 0; step <= stepCount; step++) {
      const x = Math.round(from.x + ((to.x - from.x) * step) / stepCount)
      const y = Math.round(from.y + ((to.y - from.y) * step) / stepCount)
      this.dot({ x, y }, ink)
    }
  }

  /** Characters of a row, with `paint` around each run of one ink. */
  row(row: number, paint: (text: string, ink: number) => string): string {
    let line = ''
    let run = ''
    let ink = 0
    for (let column = 0; column < this.columnCount; column++) {
      const at = row * this.columnCount + column
      const own = this.#dots[at] === 0 ? 0 : this.#inks[at]
      if (own !== ink) {
        line += run && (ink === 0 ? run : paint(run, ink))
        run = ''
        ink = own
      }
      run += own === 0 ? ' ' : String.fromCodePoint(BLANK + this.#dots[at])
    }
    return line + (ink === 0 ? '' : paint(run, ink))
  }
}
