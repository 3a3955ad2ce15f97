import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { temporaryPath } from '../../catalog/catalog.fixture.ts'
import { UserFile } from './user-file.ts'

async function write(text: string): Promise<string> {
  const path = await temporaryPath()
  await writeFile(path, text)
  return path
}

describe('user file', () => {
  it('knows users by their tokens, several of which may be those of one', async () => {
    const path = await write(
      '{"a": {"name": "Robin", "id": 1}, "b": {"name": "Robin R", "id": 1, "more": 1}}',
    )
    const users = await UserFile.open({ path, onProblem: () => undefined })
    expect(users.find('a')).toEqual({ id: 1, name: 'Robin' })
    expect(users.find('b')).toEqual({ id: 1, name: 'Robin R' })
    expect(users.find('c')).toBeUndefined()
    expect([users.nameOf(1), users.nameOf(2)]).toEqual(['Robin', undefined])
  })

  it.each([
    ['[]', 'no JSON object'],
    ['"secret', 'no JSON'],
    ['{"secret": {"id": 1}}', 'entry 1'],
    ['{"ok": {"id": 1, "name": "a"}, "secret": {"id": "1", "name": "a"}}', 'entry 2'],
    ['{"": {"id": 1, "name": "secret"}}', 'entry 1'],
  ])('of %s is refused without a word of what is in it', async (text, problem) => {
    const path = await write(text)
    const opened = UserFile.open({ path, onProblem: () => undefined })
    await expect(opened).rejects.toThrow(problem)
    await expect(opened).rejects.toThrow('SONDE_TIMESERIES_USERS')
    await expect(opened).rejects.not.toThrow('secret')
  })

  it('has to be there at the start, and tells once of each change that cannot be read', async () => {
    const problems: unknown[] = []
    const onProblem = (error: unknown) => void problems.push(String(error))
    const path = await write('{"a": {"name": "Robin", "id": 1}}')
    const users = await UserFile.open({ path, onProblem })
    await rm(path)
    await users.refresh()
    await users.refresh()
    expect(problems).toEqual([expect.stringContaining('ENOENT')])
    expect(users.find('a')).toBeDefined()
    await expect(UserFile.open({ path, onProblem })).rejects.toThrow('ENOENT')
    await writeFile(path, '{}')
    await users.refresh()
    expect(users.find('a')).toBeUndefined()
    expect(problems.length).toBe(1)
  })
})
