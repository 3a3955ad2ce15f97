/**
 * `npm run pack -w packages/client [-- <folder>]`: builds, and makes the tarball that is published. In the
 * workspace the package is its sources; in the tarball its `exports` and `imports` name what was built.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const FOLDER = import.meta.dirname
const destination = resolve(process.argv[2] ?? join(FOLDER, 'dist'))

execFileSync(process.execPath, [join(FOLDER, 'build.ts')], { stdio: 'inherit' })
const staged = mkdtempSync(join(tmpdir(), 'sonde-client-'))
try {
  cpSync(join(FOLDER, 'dist'), join(staged, 'dist'), { recursive: true })
  cpSync(join(FOLDER, 'README.md'), join(staged, 'README.md'))
  cpSync(join(FOLDER, '../../LICENSE'), join(staged, 'LICENSE'))
  const { private: _private, scripts: _scripts, ...manifest } = readManifest()
  const published = {
    ...manifest,
    files: ['dist'],
    exports: mapped(manifest.exports, (source) => ({
      types: built(source, '.d.ts'),
      default: built(source, '.js'),
    })),
    imports: mapped(manifest.imports, (conditions) =>
      mapped(conditions, (source, condition) => built(source, condition === 'types' ? '.d.ts' : '.js')),
    ),
  }
  writeFileSync(join(staged, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  // On some systems npm is a script that only a shell runs.
  execFileSync('npm', ['pack', '--silent', '--offline', '--pack-destination', destination], {
    cwd: staged,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
} finally {
  rmSync(staged, { recursive: true, force: true })
}

interface Manifest {
  readonly [field: string]: unknown
  readonly exports: Readonly<Record<string, string>>
  readonly imports: Readonly<Record<string, Readonly<Record<string, string>>>>
}

function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as Manifest
}

function built(source: string, extension: string): string {
  return source.replace('./src/', './dist/').replace(/\.ts$/, extension)
}

function mapped<From, To>(object: Readonly<Record<string, From>>, change: (value: From, key: string) => To) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]))
}
