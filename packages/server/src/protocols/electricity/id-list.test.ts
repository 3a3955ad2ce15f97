import { describe, expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { parseIdList } from './id-list.ts'

describe('parseIdList', () => {
  it.each([
    ['5,100', [5, 100]],
    ['100,5,5', [5, 100]],
    [' 5 ,\t100\n', [5, 100]],
    ['005', [5]],
    ['5.0,5.000', [5]],
    ['+5', [5]],
    ['5.5', []],
    ['-5,-0,0', []],
    ['2147483647,2147483648', [2_147_483_647]],
    ['9'.repeat(40), []],
    ['10,9', [9, 10]],
  ])('reads %j', (text, ids) => {
    expect(parseIdList(text)).toEqual(ids)
  })

  it.each([
    '',
    ' ',
    ',',
    '5,',
    ',5',
    '5,,6',
    '5,abc',
    '5;6',
    '5 6',
    '0x5',
    '5e0',
    '.5',
    '5.',
    '1) or (1=1',
    "'5'",
    '٥',
  ])('refuses %j', (text) => {
    expect(() => parseIdList(text)).toThrow(InvalidError)
  })
})
