import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openProgress } from './progress.ts'
import type { Output } from './shell.ts'

function terminal(isTTY: boolean): { stream: Output; read: () => string } {
  let text = ''
  const stream: Output = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        text += chunk
        done()
      },
    }),
    { isTTY, columns: 80 },
  )
  return { stream, read: () => text }
}

describe('openProgress', () => {
  it('draws a bar on a terminal, and takes it away', () => {
    const { stream, read } = terminal(true)
    const progress = openProgress(stream, 200)
    progress.update(100, 'Writing')
    progress.stop()
    expect(read()).toContain('Writing [===============---------------] 50%')
    // Back to the first column, and the line is empty.
    expect(read()).toContain('\u001b[1G\u001b[2K')
  })

  it('shows a text alone where nobody knows the total', () => {
    const { stream, read } = terminal(true)
    const progress = openProgress(stream, 0)
    progress.update(100, 'Writing 100')
    progress.stop()
    expect(read()).toContain('Writing 100')
    expect(read()).not.toContain('%')
  })

  it('draws nothing where there is no terminal', () => {
    const { stream, read } = terminal(false)
    const progress = openProgress(stream, 200)
    progress.update(100, 'Writing')
    progress.stop()
    expect(read()).toBe('')
  })
})
