/** Questions to the person at the terminal. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { promptPassword } from '@sonde/client/node'
import { Failure } from './failure.ts'
import type { Shell } from './shell.ts'

/** @throws {Failure} nobody is there to answer; `option` is how to do without the question. */
export async function askText(
  { input, errors }: Shell,
  { question, option }: { question: string; option: string },
): Promise<string> {
  if (!input.isTTY) throw new Failure(`There is no terminal to ask at; give ${option}`)
  const lines = createInterface({ input, output: errors })
  // Ctrl-C and Ctrl-D leave the question open otherwise.
  const left = new AbortController()
  lines.once('SIGINT', () => left.abort())
  lines.once('close', () => left.abort())
  try {
    return (await lines.question(question, { signal: left.signal })).trim()
  } catch (error) {
    throw left.signal.aborted ? new Failure('The question was not answered; nothing was done') : error
  } finally {
    lines.close()
  }
}

/**
 * A password, which is not shown; without a terminal the first line of standard input. A new one is asked for
 * twice, since nobody sees what was typed.
 * @throws {Failure} there is none.
 */
export async function askPassword(
  { input, errors }: Shell,
  { question = 'Password', isNew = false }: { question?: string; isNew?: boolean } = {},
): Promise<string> {
  const isPerson = input.isTTY === true
  const output = isPerson ? errors : new Writable({ write: (_chunk, _encoding, done) => done() })
  const ask = async (text: string) => {
    const answer = await promptPassword(`${text}: `, { input, output }).catch(() => '')
    if (answer !== '') return answer
    throw new Failure('No password was given. Type one, or write it to standard input')
  }
  const password = await ask(question)
  if (isNew && isPerson && (await ask(`${question} again`)) !== password) {
    throw new Failure('The two passwords differ; nothing was changed')
  }
  return password
}

/** @throws {Failure} no, or nobody is there to answer. */
export async function confirm(shell: Shell, question: string): Promise<void> {
  const answer = await askText(shell, { question: `${question} [y/N] `, option: '--yes' })
  if (!/^y(es)?$/i.test(answer)) throw new Failure('Nothing was done')
}
