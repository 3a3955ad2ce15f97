/** The SDK as its users install it: packed, unpacked elsewhere, compiled against and run. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')

const NODE_PROGRAM = `
import { Api, type Device, DeviceSlug, HttpNotFoundError, type Page } from '@sonde/client'
import { MockCloud } from '@sonde/client/mock'
import { BaseMain } from '@sonde/client/node'

const cloud = new MockCloud()
cloud.quickAddUser()
const domain = await cloud.start()
const device = cloud.quickAddDevice(cloud.quickAddProject()[0], 7)

class Script extends BaseMain {
  override getDomain() {
    return domain
  }
  override async afterLogin() {
    const page: Page<Device> = await this.api.device.get()
    const one: Device = await this.api.device(new DeviceSlug(7)).get()
    const missing = await this.api.device('d--ffff').get().catch((error: unknown) => error)
    console.log(JSON.stringify([page.count, one.slug === device, missing instanceof HttpNotFoundError]))
    await this.api.streamer.report.uploadFile('/nowhere').catch((error) => console.log(error.code))
  }
}
await new Script({ argv: ['-u', 'test@arch-iot.com'], readPassword: async () => 'test' }).main()
await cloud.stop()
// @ts-expect-error a device has no rockets
export const rockets = (device: Device) => device.rockets
export { Api }
`

const BROWSER_PROGRAM = `
import { Api, type Stream } from '@sonde/client'
export const api = new Api({ domain: 'https://sonde.test' })
export const labels = async (): Promise<string[]> => {
  const found: string[] = []
  for await (const stream of api.stream.items({ device: 'd--1' })) found.push((stream satisfies Stream).data_label)
  return found
}
`

describe('packed SDK', () => {
  let folder: string
  /** Resolves to what the compiler has to say against it. */
  async function complaints(file: string, compilerOptions: object): Promise<string> {
    const project = join(folder, `${file}.json`)
    const strict = { strict: true, target: 'es2024', noUnusedLocals: true, exactOptionalPropertyTypes: true }
    await writeFile(
      project,
      JSON.stringify({ compilerOptions: { ...strict, ...compilerOptions }, files: [file] }),
    )
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    return run(process.execPath, [compiler, '-p', project]).then(
      ({ stdout }) => stdout,
      ({ stdout }) => stdout,
    )
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonde-packed-'))
    await run(process.execPath, [join(ROOT, 'packages/client/pack.ts'), folder])
    const [tarball] = await readdir(folder)
    const installed = join(folder, 'node_modules/@sonde/client')
    await mkdir(installed, { recursive: true })
    await run('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', installed])
    await mkdir(join(folder, 'node_modules/@types'))
    await symlink(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'))
    await symlink(join(ROOT, 'node_modules/undici-types'), join(folder, 'node_modules/undici-types'))
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    await writeFile(join(folder, 'program.ts'), NODE_PROGRAM)
    await writeFile(join(folder, 'page.ts'), BROWSER_PROGRAM)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is compiled against and runs in Node', async () => {
    const lib = ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable']
    expect(await complaints('program.ts', { module: 'nodenext', lib, types: ['node'] })).toBe('')
    const { stdout } = await run(process.execPath, [join(folder, 'program.js')])
    expect(stdout.trim().split('\n')).toEqual(['[1,true,true]', 'ENOENT'])
  })

  it('is compiled against for browsers, without the types of Node', async () => {
    const lib = ['es2024', 'dom', 'dom.iterable']
    const options = { module: 'esnext', moduleResolution: 'bundler', lib, types: [], noEmit: true }
    expect(await complaints('page.ts', options)).toBe('')
  })

  it('names what is in it, and nothing else', async () => {
    const installed = join(folder, 'node_modules/@sonde/client')
    expect((await readdir(installed)).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json'])
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    expect(manifest.exports['./mock']).toEqual({
      types: './dist/mock/index.d.ts',
      default: './dist/mock/index.js',
    })
    expect(manifest.dependencies).toBeUndefined()
    expect(manifest.private).toBeUndefined()
    const files = await readdir(join(installed, 'dist'), { recursive: true })
    expect(files.filter((name) => /test|fixture/.test(name))).toEqual([])
    for (const name of files.filter((name) => name.endsWith('.d.ts'))) {
      expect(await readFile(join(installed, 'dist', name), 'utf8')).not.toMatch(/from '[^']*\.ts'/)
    }
  })
})
