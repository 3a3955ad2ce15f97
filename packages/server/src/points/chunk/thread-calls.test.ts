import { afterEach, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../errors.ts'
import type { calls } from './thread-calls.fixture.ts'
import { CallThread } from './thread-calls.ts'

const FIXTURE = new URL('./thread-calls.fixture.ts', import.meta.url)

const thread = new CallThread<typeof calls>(FIXTURE, { greeting: 'Hello' })
afterEach(() => thread.close())

describe('calls to a thread', () => {
  it('are answered in their order, with what the thread was given', async () => {
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => thread.call('greet', name)))
    expect(answers).toEqual(['Hello, a', 'Hello, b', 'Hello, c'])
    expect(thread.waitingCount).toBe(0)
  })

  it('hand columns over', async () => {
    const columns = Float64Array.from({ length: 1_000 }, (_, i) => i / 3)
    expect((await thread.call('echo', { columns })).columns).toEqual(columns)
  })

  it('fail with the reason of the thread, which goes on', async () => {
    await expect(thread.call('fail', 'no room')).rejects.toThrow(new UnavailableError('no room'))
    expect(await thread.call('greet', 'd')).toBe('Hello, d')
  })

  it('fail when the thread dies, and the next one starts another', async () => {
    const waiting = [thread.call('die', null), thread.call('greet', 'e')]
    await expect(Promise.all(waiting)).rejects.toThrow(
      /A thread of the points store ended: out of memory, say/,
    )
    expect(await thread.call('greet', 'f')).toBe('Hello, f')
  })

  it('start a thread again after it was closed', async () => {
    await thread.call('greet', 'g')
    await thread.close()
    expect(await thread.call('greet', 'h')).toBe('Hello, h')
  })
})
