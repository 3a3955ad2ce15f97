/** Holds the shape of the source tree: who may import whom, and what a file may be called. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const SERVER = 'packages/server/src'

/** Rooms of the server, and what each may import. A room may always import itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  catalog: ['model', 'errors.ts'],
  points: ['model', 'errors.ts', 'sync-folder.ts'],
  blobs: ['model', 'errors.ts', 'sync-folder.ts'],
  access: ['model', 'errors.ts', 'catalog'],
  http: ['model', 'errors.ts', 'config.ts'],
  ingest: ['model', 'errors.ts', 'config.ts', 'catalog', 'points/point-store.ts'],
  query: ['model', 'errors.ts', 'config.ts', 'catalog', 'points/point-store.ts'],
  reports: ['model', 'errors.ts', 'points/point-store.ts', 'query'],
  live: ['model'],
  control: ['model', 'errors.ts', 'catalog', 'access'],
  rollout: ['model', 'errors.ts', 'catalog'],
  backup: ['model', 'errors.ts', 'folder-lock.ts', 'sync-folder.ts', 'catalog', 'blobs', 'points/chunk'],
  protocols: [
    'model',
    'errors.ts',
    'config.ts',
    'version.ts',
    'http',
    'catalog',
    'blobs/blob-store.ts',
    'access',
    'ingest',
    'query',
    'reports',
    'live',
    'control',
    'rollout',
  ],
}

/** Packages that belong to one place, so that what they do can be exchanged there. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': [
    'catalog/open-sqlite.ts',
    'points/chunk/chunk-database.ts',
    'points/chunk/chunk-tables.ts',
    'backup/database-moment.ts',
    'folder-lock.ts',
  ],
  'temporal-polyfill': ['model/', 'query/'],
  jose: ['access/jwt.ts'],
  'prom-client': ['protocols/site/'],
}

interface Import {
  readonly from: string
  /** A path below the server's sources, or the name of a package. */
  readonly to: string
  readonly isPackage: boolean
}

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'packages', 'bench', 'examples', 'tests'],
  {
    cwd: ROOT,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((path) => /\.(tsx?|js)$/.test(path))

const isTest = (path: string) => /\.(test|contract|bench|fixture)\.ts$/.test(path)

function importsOf(path: string): Import[] {
  const source = readFileSync(join(ROOT, path), 'utf8')
  const from = relative(SERVER, path)
  return Array.from(source.matchAll(/^(?:import|export)\s[^'"]*?from\s+'([^']+)'/gm), ([, name]) => {
    if (!name.startsWith('.'))
      return {
        from,
        to: name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
        isPackage: true,
      }
    return { from, to: normalize(join(dirname(from), name)), isPackage: false }
  })
}

const serverFiles = files.filter((path) => path.startsWith(`${SERVER}/`) && !isTest(path))
const serverImports = serverFiles.flatMap(importsOf)

function isWithin(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(place.endsWith('/') ? place : `${place}/`))
}

describe('source tree', () => {
  it('has files to look at', () => {
    expect(serverFiles.length).toBeGreaterThan(50)
    expect(serverImports.length).toBeGreaterThan(200)
  })

  it.each(Object.keys(ARROWS))('lets %s import only what lies below it', (room) => {
    const own = room === 'points' ? ['points'] : [room]
    const wrong = serverImports.filter(
      ({ from, to, isPackage }) =>
        from.startsWith(`${room}/`) && !isPackage && !isWithin(to, [...own, ...ARROWS[room]]),
    )
    expect(wrong).toEqual([])
  })

  it('keeps protocols apart from one another', () => {
    const protocol = (path: string) => /^protocols\/([\w-]+)\//.exec(path)?.[1]
    const wrong = serverImports.filter(({ from, to }) => {
      return protocol(from) && protocol(to) && protocol(from) !== protocol(to)
    })
    expect(wrong).toEqual([])
  })

  it('names concrete stores in the composition root and where their files are copied', () => {
    const concrete = /^points\/(memory-store|chunk\/)|^blobs\/(?!blob-store)/
    const wrong = serverImports.filter(
      ({ from, to }) => concrete.test(to) && !isWithin(from, ['app.ts', 'backup', 'points', 'blobs']),
    )
    expect(wrong).toEqual([])
  })

  it('keeps packages in their places', () => {
    const wrong = serverImports.filter(({ from, to }) => HOMES[to] && !isWithin(from, HOMES[to]))
    expect(wrong).toEqual([])
  })

  it('reads the environment in config.ts, and hands it over at the entry', () => {
    const readers = serverFiles.filter((path) =>
      readFileSync(join(ROOT, path), 'utf8').includes('process.env'),
    )
    expect(readers.map((path) => relative(SERVER, path)).sort()).toEqual(['config.ts', 'main.js'])
  })

  it('leaves the SDK without dependencies', () => {
    const wrong = files
      .filter((path) => path.startsWith('packages/client/src/') && !isTest(path))
      .flatMap((path) => importsOf(path).map(({ to, isPackage }) => ({ path, to, isPackage })))
      .filter(({ path, to, isPackage }) => {
        const isForNode = /^packages\/client\/src\/(node|mock)\//.test(path)
        return isPackage && !(isForNode && to.startsWith('node:'))
      })
    expect(wrong).toEqual([])
  })

  it('keeps the SDK for browsers clear of what is for Node', () => {
    const isForNode = (path: string) => /^packages\/client\/src\/(node|mock)\//.test(path)
    const wrong = files
      .filter((path) => path.startsWith('packages/client/src/') && !isTest(path) && !isForNode(path))
      .filter((path) => /from '[^']*\/(node|mock)\//.test(readFileSync(join(ROOT, path), 'utf8')))
    expect(wrong).toEqual([])
  })

  it('names files in kebab case, after what they hold', () => {
    const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(prop\.test|test|contract|bench|fixture|config))?\.(tsx?|js)$/
    const wrong = files.map((path) => path.split('/').at(-1) ?? '').filter((file) => !name.test(file))
    expect(wrong).toEqual([])
    expect(files.filter((path) => /\b(utils?|helpers?|common|misc)\b/.test(path))).toEqual([])
  })

  it('opens every source file of the server with a comment that says what it is for', () => {
    const silent = serverFiles.filter((path) => {
      return !path.includes('/views/') && !readFileSync(join(ROOT, path), 'utf8').startsWith('/**')
    })
    expect(silent).toEqual([])
  })
})
