import { execFileSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { completionTree } from '../completion/completion-tree.ts'
import { sondeHere } from '../here.fixture.ts'
import { buildProgram } from '../program.ts'

/** Lines that bash is asked about at once, each with the word that is being typed last. */
const CASES: readonly [line: string, offered: string[], absent: string[]][] = [
  ['sonde ', ['serve', 'import', 'plot', '--url'], ['csv']],
  ['sonde pl', ['plot'], ['serve']],
  ['sonde import ', ['csv', 'electricity'], ['plot']],
  ['sonde import csv --time', ['--time-column', '--time-format'], ['--tz']],
  ['sonde import csv --decimal ', ['point', 'comma'], ['--json']],
  ['sonde --url http://x.example import ', ['csv'], ['serve']],
  ['sonde --token import ', ['serve'], ['csv']],
  ['sonde device update d--1 --', ['--label', '--set', '--json'], ['--project']],
  ['sonde completion ', ['bash', 'zsh', 'fish'], []],
  ['sonde export --format nd', ['ndjson'], ['json']],
  ['sonde query --project ', [], ['--json', 'csv']],
]

describe('sonde completion bash', () => {
  let answers: string[][]
  beforeAll(async () => {
    const { code, text } = await sondeHere(['completion', 'bash'])
    expect(code).toBe(0)
    const ask = CASES.map(([line]) => {
      const words = line.split(' ').map((word) => `'${word}'`)
      return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _sonde; echo "\${COMPREPLY[*]}"`
    })
    const input = [text, ...ask, 'complete -p sonde', ''].join('\n')
    const out = execFileSync('bash', ['--norc', '-us'], { input })
    answers = String(out)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
  })

  it.each(CASES.map((one, index) => [...one, index] as const))(
    'offers after "%s" %j',
    (_, offered, absent, index) => {
      expect(answers[index]).toEqual(expect.arrayContaining(offered))
      for (const word of absent) expect(answers[index]).not.toContain(word)
    },
  )

  it('is what bash then calls', () => {
    expect(answers.at(-1)?.join(' ')).toBe('complete -o default -F _sonde sonde')
  })
})

describe('sonde completion', () => {
  it.each(['bash', 'zsh', 'fish'])('has every command and choice in %s', async (shell) => {
    const { text } = await sondeHere(['completion', shell])
    for (const { path, options } of completionTree(buildProgram())) {
      expect(text).toContain(path)
      for (const { names, value } of options) {
        for (const choice of value?.choices ?? []) expect(text).toContain(choice)
        expect(text).toContain(names.at(-1)?.slice(2))
      }
    }
  })

  it('refuses another shell', async () => {
    const { code, err } = await sondeHere(['completion', 'tcsh'])
    expect(err[0]).toMatch(/'tcsh' is invalid .*Allowed choices are bash, zsh, fish/)
    expect(code).toBe(2)
  })
})
