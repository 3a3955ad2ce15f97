/**
 * Writes text formats as bytes, block by block. Numbers and times of the usual kind are written digit by
 * digit, which is several times faster than by way of strings and gives the same text.
 */
import assert from 'node:assert'
import { formatIsoUs, US_PER_DAY, US_PER_MIN, US_PER_MS, US_PER_S } from '../model/time.ts'

/** A block is given out when it has grown to so many bytes. */
export const BLOCK_BYTES = 65_536
/** What may be written after the last look at `isFull` without growing the block. */
const SPARE_BYTES = 8_192
/** Of the first block of a writer: most answers are short. */
const FIRST_BLOCK_BYTES = 2_048
const NO_BLOCK = Buffer.alloc(0)
const NO_VIEW = new DataView(NO_BLOCK.buffer, 0, 0)
/** The longest text of a double is `-2.2250738585072014e-308`; a time is longer. */
const NUMBER_BYTES_MAX = 32

/** Up to here a decimal number of so many digits and the double next to it are one to one. */
const EXACT_DECIMALS_MAX = 1e15
const POWERS_OF_TEN = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]
const DECIMAL_PLACES_MAX = POWERS_OF_TEN.length - 1

const DIGIT_0 = 0x30
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const COLON = 0x3a
const ZULU = 0x5a

/** The digits of 0 … 99 and of 0 … 999, to be stored at once. */
const TWO_DIGITS = Uint16Array.from({ length: 100 }, (_, value) => digitBytes(value, 2))
const THREE_DIGITS = Uint32Array.from({ length: 1_000 }, (_, value) => digitBytes(value, 3))

export class ByteWriter {
  #block: Buffer = NO_BLOCK
  /** Of the block. */
  #view = NO_VIEW
  #length = 0
  #isFirstBlock = true
  /** Decimal places of the last number that had few: the next one mostly has as many. */
  #places = 0
  #minute = Number.NaN
  #day = Number.NaN
  /** `2024-05-01T10:20`, of `#minute`. */
  #minuteText = NO_VIEW

  get isFull(): boolean {
    return this.#length >= BLOCK_BYTES
  }

  /** What was written since the last call; the writer goes on with a new block. */
  take(): Uint8Array {
    const taken = this.#block.subarray(0, this.#length)
    this.#block = NO_BLOCK
    this.#length = 0
    this.#isFirstBlock = false
    return taken
  }

  text(text: string): void {
    // A UTF-16 unit takes at most three bytes.
    this.#reserve(text.length * 3)
    this.#length += this.#block.write(text, this.#length)
  }

  /** For texts that are written again and again: several times faster than encoding them each time. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#block.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** One ASCII character. */
  byte(code: number): void {
    this.#reserve(1)
    this.#block[this.#length++] = code
  }

  /**
   * One ASCII character, in place of the comma after the last item of a list, if there was an item. The
   * comma or the opening of the list must have been written after the last `take`.
   */
  endList(code: number): void {
    assert(this.#length > 0)
    if (this.#block[this.#length - 1] === COMMA) this.#length--
    this.byte(code)
  }

  /** A finite number, as the shortest text that reads back as the same number; -0 keeps its sign. */
  number(value: number): void {
    this.#reserve(NUMBER_BYTES_MAX)
    let size = value
    if (value < 0 || Object.is(value, -0)) {
      this.#block[this.#length++] = MINUS
      size = -value
    }
    if (!this.#decimal(size, this.#places) && !this.#fewPlaces(size)) this.text(String(size))
  }

  /** Milliseconds since the epoch, with the microseconds as a fraction when there are any. */
  timeMs(timeUs: number): void {
    this.#reserve(NUMBER_BYTES_MAX)
    if (timeUs < 0) this.#block[this.#length++] = MINUS
    const sizeUs = Math.abs(timeUs)
    const wholeMs = Math.floor(sizeUs / US_PER_MS)
    const restUs = sizeUs - wholeMs * US_PER_MS
    this.#whole(wholeMs)
    if (restUs === 0) return
    this.#block[this.#length++] = POINT
    this.#padded(restUs, 3)
    while (this.#block[this.#length - 1] === DIGIT_0) this.#length--
  }

  /** The same text as `formatIsoUs`. */
  isoTime(timeUs: number): void {
    const minute = Math.floor(timeUs / US_PER_MIN)
    if (minute !== this.#minute) this.#setMinute(minute)
    this.#reserve(NUMBER_BYTES_MAX)
    const view = this.#view
    const at = this.#length
    for (let word = 0; word < 16; word += 4) view.setUint32(at + word, this.#minuteText.getUint32(word))
    this.#block[at + 16] = COLON
    const inMinuteUs = timeUs - minute * US_PER_MIN
    const second = (inMinuteUs / US_PER_S) | 0
    const restUs = inMinuteUs - second * US_PER_S
    view.setUint16(at + 17, TWO_DIGITS[second], true)
    this.#length = at + 19
    if (restUs > 0) {
      this.#block[this.#length++] = POINT
      this.#padded(restUs, 6)
    }
    this.#block[this.#length++] = ZULU
  }

  #setMinute(minute: number): void {
    this.#minute = minute
    const day = Math.floor((minute * US_PER_MIN) / US_PER_DAY)
    if (day !== this.#day) {
      this.#day = day
      const text = Buffer.from(formatIsoUs(day * US_PER_DAY).slice(0, 16))
      this.#minuteText = new DataView(text.buffer, text.byteOffset)
    }
    const inDay = minute - (day * US_PER_DAY) / US_PER_MIN
    const hour = Math.floor(inDay / 60)
    this.#minuteText.setUint16(11, TWO_DIGITS[hour], true)
    this.#minuteText.setUint16(14, TWO_DIGITS[inDay - hour * 60], true)
  }

  /** Looks for the fewest decimal places that do; false, and nothing written, when there are too many. */
  #fewPlaces(size: number): boolean {
    for (let places = 0; places <= DECIMAL_PLACES_MAX; places++) {
      if (!this.#decimal(size, places)) continue
      this.#places = places
      return true
    }
    return false
  }

  /** Writes a number of at most so many decimal places; false, and nothing written, when it has more. */
  #decimal(size: number, places: number): boolean {
    const scale = POWERS_OF_TEN[places]
    const scaled = Math.round(size * scale)
    if (!(scaled < EXACT_DECIMALS_MAX) || scaled / scale !== size) return false
    const whole = Math.floor(size)
    this.#whole(whole)
    const fraction = scaled - whole * scale
    if (fraction === 0) return true
    this.#block[this.#length++] = POINT
    this.#padded(fraction, places)
    while (this.#block[this.#length - 1] === DIGIT_0) this.#length--
    return true
  }

  /**
   * A whole number of 0 and more, at most `EXACT_DECIMALS_MAX`; in two parts, since small integers are quick
   * to divide. The remainder operator is avoided for the same reason: on doubles it is slow.
   */
  #whole(value: number): void {
    if (value < 1e9) {
      this.#padded(value, digitCount(value))
      return
    }
    const high = Math.floor(value / 1e9)
    this.#padded(high, digitCount(high))
    this.#padded(value - high * 1e9, 9)
  }

  /** A whole number as so many digits, 1 to 9 and no fewer than it has. */
  #padded(value: number, digits: number): void {
    let rest = value | 0
    if (digits > 6) {
      const millions = (rest / 1e6) | 0
      this.#fewDigits(millions, digits - 6)
      rest -= millions * 1e6
    }
    if (digits > 3) {
      const thousands = (rest / 1e3) | 0
      this.#fewDigits(thousands, digits > 6 ? 3 : digits - 3)
      rest -= thousands * 1e3
    }
    this.#fewDigits(rest, digits > 3 ? 3 : digits)
  }

  /** At most three. */
  #fewDigits(value: number, digits: number): void {
    const at = this.#length
    if (digits === 3) this.#view.setUint32(at, THREE_DIGITS[value], true)
    else if (digits === 2) this.#view.setUint16(at, TWO_DIGITS[value], true)
    else this.#block[at] = DIGIT_0 + value
    this.#length = at + digits
  }

  #reserve(byteCount: number): void {
    const needed = this.#length + byteCount
    if (needed <= this.#block.length) return
    this.#grow(needed)
  }

  #grow(needed: number): void {
    const sizeMin = this.#isFirstBlock ? FIRST_BLOCK_BYTES : BLOCK_BYTES + SPARE_BYTES
    const wider = Buffer.allocUnsafe(Math.max(needed, 2 * this.#block.length, sizeMin))
    wider.set(this.#block.subarray(0, this.#length))
    this.#block = wider
    this.#view = new DataView(wider.buffer, wider.byteOffset, wider.length)
  }
}

function digitCount(value: number): number {
  let count = 1
  for (let limit = 10; value >= limit; limit *= 10) count++
  return count
}

/** The last so many digits of a number as characters, the first one in the lowest byte. */
function digitBytes(value: number, digits: number): number {
  let bytes = 0
  let rest = value
  for (let digit = 0; digit < digits; digit++) {
    bytes = bytes * 256 + DIGIT_0 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  return bytes
}
