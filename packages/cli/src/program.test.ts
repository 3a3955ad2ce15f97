import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { sondeHere } from './here.fixture.ts'
import { buildProgram } from './program.ts'
import { sonde } from './sonde.fixture.ts'

const REFERENCE = new URL('../../../docs/reference/cli.md', import.meta.url)

/** Those that do something, by their full names. */
function leaves(command: Command, name = 'sonde'): [name: string, command: Command][] {
  if (command.commands.length === 0) return [[name, command]]
  return command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`))
}

/** The sections of the reference, by the command in their heading. */
async function readSections(): Promise<Map<string, string>> {
  const parts = (await readFile(REFERENCE, 'utf8')).split(/^## /m)
  return new Map(parts.map((part) => [/^`(sonde(?: [a-z-]+)+)/.exec(part)?.[1] ?? '', part]))
}

describe('sonde', () => {
  it.each(leaves(buildProgram()))('%s is in the reference with its options', async (name, command) => {
    const sections = await readSections()
    const group = name.slice(0, name.lastIndexOf(' '))
    const section = sections.get(name) ?? sections.get(group)
    expect(section).toBeDefined()
    if (!sections.has(name)) expect(section).toContain(`\`${command.name()}`)
    for (const { long } of command.options) expect(section).toContain(long)
  })

  it.each(leaves(buildProgram()))('%s teaches with an example', async (name) => {
    const { text } = await sondeHere([...name.split(' ').slice(1), '--help'])
    expect(text).toMatch(/^Examples?:\n(.*\n)*? {2}.*sonde /m)
  })

  it('prints JSON when asked to, and says what every command is for', () => {
    const all = leaves(buildProgram())
    const withoutJson = all.filter(([, { options }]) => !options.some(({ long }) => long === '--json'))
    // The first runs on, the lines of the second are those of an older program, the third prints a script.
    expect(withoutJson.map(([name]) => name)).toEqual([
      'sonde serve',
      'sonde import electricity',
      'sonde completion',
    ])
    for (const [name, command] of all) expect([name, command.description()]).not.toContain('')
  })

  it('explains itself', async () => {
    const { code, out } = await sondeHere(['--help'])
    expect(out[0]).toBe('Usage: sonde [options] [command]')
    expect(out.at(-1)).toBe('Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.')
    expect(code).toBe(0)
  })

  it('knows its version', async () => {
    const { code, out } = await sonde(['--version'])
    expect(out).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/)])
    expect(code).toBe(0)
  })

  it('refuses a command that it does not know', async () => {
    const { code, err } = await sondeHere(['nonsense'])
    expect(err[0]).toBe("error: unknown command 'nonsense'")
    expect(code).toBe(2)
  })
})
