/** Holds the documentation to the code: every error code, setting and limit, and links that lead somewhere. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../packages/server/src/config.ts'
import { ERROR_CODES } from '../packages/server/src/errors.ts'

const ROOT = join(import.meta.dirname, '..')
const VARIABLE = /SONDE_[A-Z]+(?:_[A-Z]+)*/g
/** A target with a scheme, `https:` for example, lies outside of the repository. */
const ELSEWHERE = /^[a-z]+:/

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const configuration = read('docs/operating/configuration.md')

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)))

function withoutCode(page: string): string {
  return page.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '')
}

function linksOf(path: string): string[] {
  const links = withoutCode(read(path)).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)
  return Array.from(links, ([, target]) => target).filter((target) => !ELSEWHERE.test(target))
}

/** What a link to a heading is called: lower case, no punctuation, a dash for each blank. */
function anchorsOf(path: string): string[] {
  const headings = read(path)
    .replace(/^```.*?^```/gms, '')
    .matchAll(/^#{1,6} +(.+?)\s*$/gm)
  return Array.from(headings, ([, text]) =>
    text
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('documentation', () => {
  it('explains every error code under a heading of its own', () => {
    const anchors = anchorsOf('docs/reference/errors.md')
    expect(ERROR_CODES.filter((code) => !anchors.includes(code))).toEqual([])
  })

  it('names the settings that the server reads, and no others', () => {
    const inCode = new Set(read('packages/server/src/config.ts').match(VARIABLE))
    const inPage = new Set(configuration.match(VARIABLE))
    expect(inCode.size).toBeGreaterThan(5)
    expect([...inPage].sort()).toEqual([...inCode].sort())
  })

  it('names every limit', () => {
    const missing = Object.keys(DEFAULT_LIMITS).filter((name) => !configuration.includes(`\`${name}\``))
    expect(missing).toEqual([])
  })

  it('has pages to look at', () => {
    expect(pages).toContain('README.md')
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(20)
  })

  it.each(pages)('links only to what exists, in %s', (page) => {
    const broken = linksOf(page).filter((link) => {
      const [path, anchor] = link.split('#', 2)
      const target = path === '' ? page : join(dirname(page), decodeURIComponent(path))
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})
