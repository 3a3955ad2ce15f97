/** `npm run build -w packages/client`: JavaScript and declarations in `dist`, from the sources. */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const FOLDER = import.meta.dirname
const DIST = join(FOLDER, 'dist')

rmSync(DIST, { recursive: true, force: true })
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
execFileSync(process.execPath, [compiler, '-p', join(FOLDER, 'tsconfig.build.json')], { stdio: 'inherit' })

// The compiler writes `.js` into what runs, and leaves `.ts` in declarations.
for (const path of globSync('**/*.d.ts', { cwd: DIST })) {
  const file = join(DIST, path)
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'))
}
