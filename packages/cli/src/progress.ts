/** A line on the terminal that shows how far a command has come; nothing where there is no terminal. */
import { SingleBar } from 'cli-progress'
import type { Output } from './shell.ts'

export interface Progress {
  /** `value` of the total; `text` stands before the bar. */
  update(value: number, text: string): void
  /** Takes the line away. */
  stop(): void
}

/** The line appears with the first update. `total` 0 means that nobody knows it. */
export function openProgress(stream: Output, total: number): Progress {
  if (!stream.isTTY) return { update: () => {}, stop: () => {} }
  const bar = new SingleBar({
    stream,
    format: total > 0 ? '{text} [{bar}] {percentage}%' : '{text}',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is the command's own business.
    gracefulExit: false,
  })
  return {
    update(value, text) {
      const shown = Math.min(value, total || value)
      if (bar.isActive) bar.update(shown, { text })
      else bar.start(total, shown, { text })
    },
    stop() {
      if (bar.isActive) bar.stop()
    },
  }
}
