/** The frame of a transfer: Ctrl-C ends it with a line. */
import { EXIT_INTERRUPTED, ToldFailure } from '../failure.ts'
import { remark, type Shell } from '../shell.ts'
import { untilInterrupted } from '../until-interrupted.ts'

/** `remains`: what is left of a transfer that was broken off. */
export async function transfer(
  shell: Shell,
  { remains, work }: { remains: string; work: (signal: AbortSignal) => Promise<void> },
): Promise<void> {
  await untilInterrupted(async (signal) => {
    try {
      await work(signal)
    } catch (error) {
      if (!signal.aborted) throw error
      remark(shell, `Program stopped; ${remains}`)
      throw new ToldFailure(EXIT_INTERRUPTED)
    }
  })
}
