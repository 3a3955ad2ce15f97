/** What a page downloads for what it imports. */

import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'

const INDEX = fileURLToPath(new URL('./index.ts', import.meta.url))

async function bundleOf(source: string) {
  const bundle = await rolldown({
    input: 'entry',
    platform: 'browser',
    logLevel: 'warn',
    onLog: (_level, log) => {
      throw new Error(log.message)
    },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? id : undefined),
        load: (id) => (id === 'entry' ? source.replace('@sonde/client', INDEX) : undefined),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  const code = output.map((part) => (part.type === 'chunk' ? part.code : '')).join('\n')
  return { code, gzipBytes: gzipSync(code).length }
}

describe('bundles for browsers', () => {
  it.each([
    ['all of the SDK', 'export * from "@sonde/client"', 14_000],
    ['the client', 'export { Api } from "@sonde/client"', 9_000],
    ['device slugs', 'export { DeviceSlug } from "@sonde/client"', 2_000],
    ['unit maths', 'export { MdoHelper } from "@sonde/client"', 600],
  ])('of %s are small', async (name, source, gzipBytesMax) => {
    const { code, gzipBytes } = await bundleOf(source)
    console.log(`${name}: ${code.length} bytes, ${gzipBytes} with gzip`)
    expect(gzipBytes).toBeLessThan(gzipBytesMax)
    expect(code).not.toMatch(/node:|MockCloud/)
  })

  it('of slugs have nothing of the client in them', async () => {
    const { code } = await bundleOf('export { DeviceSlug } from "@sonde/client"')
    expect(code).not.toMatch(/fetch|authorization|api\/v1/i)
  })
})
