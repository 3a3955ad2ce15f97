/** Lists of row ids: `5,100`, blanks allowed around an item, in any order. */
import { InvalidError } from '../../errors.ts'

const ITEM = /^([+-]?)(\d+)(?:\.(\d+))?$/
/** Ids are 32-bit integers in the table; a larger one selects nothing. */
const ROW_ID_MAX = 2_147_483_647

/**
 * The ids that can exist, ascending, each once. Numbers that are no id (`5.5`, `-1`, a very large one) are
 * left out, because no row has them; `005` and `5.0` are 5.
 * @throws {InvalidError} an item is not a number, or is missing.
 */
export function parseIdList(text: string): number[] {
  const ids = new Set<number>()
  for (const item of text.split(',')) {
    const match = ITEM.exec(item.trim())
    if (!match) throw InvalidError.field('id', 'Give row numbers separated by commas, such as 5,100.')
    const [, sign, whole, fraction = ''] = match
    const id = Number(whole)
    if (sign !== '-' && id >= 1 && id <= ROW_ID_MAX && /^0*$/.test(fraction)) ids.add(id)
  }
  return [...ids].sort((a, b) => a - b)
}
