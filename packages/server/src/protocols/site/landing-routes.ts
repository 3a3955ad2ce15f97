/** `/`: a page for people, a word of greeting for programs that probe it. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { VERSION } from '../../version.ts'

const PAGE = fileURLToPath(import.meta.resolve('@sonde/web/welcome.html'))

export async function landingRoutes(http: FastifyInstance): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  http.get('/', async (request, reply) => {
    reply.header('vary', 'accept')
    // Only a browser names HTML; a client that takes anything gets JSON.
    if (request.headers.accept?.includes('text/html')) {
      return reply.type('text/html; charset=utf-8').send(page.replaceAll('{{version}}', VERSION))
    }
    return { message: 'Welcome to Pair-Pipeline!', server: 'Sonde', version: VERSION }
  })
}
