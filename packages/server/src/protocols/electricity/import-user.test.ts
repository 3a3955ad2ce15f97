import { describe, expect, it } from 'vitest'
import { InvalidError } from '../../errors.ts'
import { parseImportUser } from './import-user.ts'

describe('parseImportUser', () => {
  it.each([
    ['rick:morty', { name: 'rick', password: 'morty' }],
    ['rick:a:b', { name: 'rick', password: 'a:b' }],
    ['rick:::', { name: 'rick', password: '::' }],
  ])('reads %s', (text, expected) => {
    expect(parseImportUser(text)).toEqual(expected)
  })

  it.each(['', 'rick', 'rick:', ':morty', ':'])('refuses %j', (text) => {
    expect(() => parseImportUser(text)).toThrow(new InvalidError('Give the user as name:password'))
  })
})
