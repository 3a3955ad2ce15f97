/**
 * What a board says about itself. Arduino's updaters send headers that begin with `x-ESP8266-` or `x-ESP32-`; who
 * cannot set headers says the version in the query.
 */
import type { FastifyRequest } from 'fastify'
import { InvalidError } from '../../errors.ts'
import type { Report } from '../../rollout/running.ts'

const FAMILIES = ['x-esp32-', 'x-esp8266-'] as const
const VERSION_CHARS_MAX = 250

/** @throws {InvalidError} a version that nothing could be called. */
export function reportOf(request: FastifyRequest): Report {
  const { version: asked } = request.query as { version?: string }
  const version = (boardHeader(request, 'version') || asked || '').trim()
  const md5 = boardHeader(request, 'sketch-md5')
  checkVersion(version)
  return { version, sketchMd5: /^[\da-f]{32}$/i.test(md5 ?? '') ? md5 : undefined }
}

export function checkVersion(version: string): void {
  if (version.length > VERSION_CHARS_MAX) {
    throw InvalidError.field('version', `It has at most ${VERSION_CHARS_MAX} characters.`)
  }
}

export function boardHeader({ headers }: FastifyRequest, name: string): string | undefined {
  for (const family of FAMILIES) {
    const value = headers[`${family}${name}`]
    if (typeof value === 'string') return value
  }
  return undefined
}
