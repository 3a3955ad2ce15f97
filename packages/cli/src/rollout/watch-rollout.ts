/** Follows a rollout until it has ended. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../connection.ts'
import { SilenceFailure } from '../failure.ts'
import { hasColours, print, remark, type Shell } from '../shell.ts'
import { oneLine } from '../table.ts'
import { drawRollout } from './draw-rollout.ts'
import { countsText, hasEnded, type Rollout, readRollout } from './rollout.ts'

const WIDTH_DEFAULT = 80

export interface Watch {
  readonly id: string
  readonly pauseMs: number
  readonly isJson: boolean
  readonly signal: AbortSignal
}

/** Resolves to the rollout as it ended, or undefined when the signal came first. */
export async function watchRollout(
  shell: Shell,
  connection: Connection,
  { id, pauseMs, isJson, signal }: Watch,
): Promise<Rollout | undefined> {
  const show = isJson ? linesOfJson(shell) : shell.output.isTTY ? picture(shell) : linesOfText(shell)
  let hasAnswered = false
  let isSilent = false
  while (!signal.aborted) {
    try {
      const rollout = await readRollout(connection, id)
      show(rollout)
      if (hasEnded(rollout)) return rollout
      hasAnswered = true
      isSilent = false
    } catch (error) {
      if (!(error instanceof SilenceFailure && hasAnswered)) throw error
      if (!isSilent) remark(shell, `${error.message} Trying on`)
      isSilent = true
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
  return undefined
}

type Show = (rollout: Rollout) => void

/** Drawn over what was drawn before. */
function picture(shell: Shell): Show {
  let before = 0
  return (rollout) => {
    const width = shell.output.columns ?? WIDTH_DEFAULT
    // A line that fills the last column would move the next one on some terminals.
    const lines = drawRollout(rollout, { width: width - 1, hasColours: hasColours(shell) })
    const up = before > 0 ? `\u001b[${before}A` : ''
    shell.output.write(`${up}\u001b[J${lines.join('\n')}\n`)
    before = lines.length
  }
}

/** A line when something has changed. */
function linesOfText(shell: Shell): Show {
  return onChange((rollout) => {
    const open = rollout.stages.filter((stage) => stage.open).length
    const state = rollout.state.replaceAll('_', ' ')
    const reason = rollout.reason === '' ? '' : `; ${oneLine(rollout.reason)}`
    print(
      shell,
      `${state}, stage ${open} of ${rollout.stages.length}: ${countsText(rollout.devices)}${reason}`,
    )
  })
}

function linesOfJson(shell: Shell): Show {
  return onChange((rollout) => print(shell, JSON.stringify(rollout)))
}

function onChange(show: Show): Show {
  let before = ''
  return (rollout) => {
    const text = JSON.stringify(rollout)
    if (text !== before) show(rollout)
    before = text
  }
}
