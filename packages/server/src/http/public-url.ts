/** Where clients reach this server: for absolute links in answers. */
import type { FastifyRequest } from 'fastify'

export type PublicUrl = (request: FastifyRequest) => string

/** The configured address, or what the request (or a trusted proxy) says; without a slash at the end. */
export function publicUrlOf(configured: string | undefined): PublicUrl {
  return (request) => configured ?? `${request.protocol}://${request.host}`
}
