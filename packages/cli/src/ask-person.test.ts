import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { askPassword, askText, confirm } from './ask-person.ts'
import type { Shell } from './shell.ts'

/** Somebody at a terminal who types these lines, each when a question has been asked. */
function person(...answers: string[]): { shell: Shell; shown: () => string } {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  let shown = ''
  const screen = new Writable({
    write(chunk, _encoding, done) {
      shown += chunk
      if (/(: |\] )$/.test(String(chunk))) {
        const answer = answers.shift()
        if (answer !== undefined) setImmediate(() => input.write(answer))
      }
      done()
    },
  })
  const errors = Object.assign(screen, { isTTY: true, columns: 80 })
  return { shell: { environment: {}, input, output: errors, errors }, shown: () => shown }
}

describe('asking a person', () => {
  it('takes an answer', async () => {
    expect(await askText(person(' ana \n').shell, { question: 'Name: ', option: '--user' })).toBe('ana')
  })

  it('takes Ctrl-C and Ctrl-D for no answer', async () => {
    for (const key of ['\u0003', '\u0004']) {
      const asked = askText(person(key).shell, { question: 'Name: ', option: '--user' })
      await expect(asked).rejects.toThrow('The question was not answered; nothing was done')
    }
  })

  it('does not show a password', async () => {
    const { shell, shown } = person('secret\n')
    expect(await askPassword(shell)).toBe('secret')
    expect(shown()).toBe('Password: \n')
  })

  it('asks twice for a new password', async () => {
    expect(await askPassword(person('one\n', 'one\n').shell, { isNew: true })).toBe('one')
    const differing = askPassword(person('one\n', 'two\n').shell, { isNew: true })
    await expect(differing).rejects.toThrow('The two passwords differ; nothing was changed')
  })

  it('goes on with a yes alone', async () => {
    await confirm(person('y\n').shell, 'Delete it?')
    for (const answer of ['\n', 'n\n', 'yep\n']) {
      await expect(confirm(person(answer).shell, 'Delete it?')).rejects.toThrow('Nothing was done')
    }
  })
})
