import { expect, it } from 'vitest'
import { InvalidError } from '../errors.ts'
import { formatScopes, parseScopes } from './caller.ts'

it('reads scopes and writes them in one order', () => {
  const scopes = (text: string, formatted: string) => expect(formatScopes(parseScopes(text))).toBe(formatted)
  scopes('', '')
  scopes('write', 'write')
  scopes('admin read  write read', 'read write admin')
})

it('refuses unknown scopes', () => {
  expect(() => parseScopes('read all')).toThrow(InvalidError)
  expect(() => parseScopes('Read')).toThrow('choose from read, write, provision, admin')
})
