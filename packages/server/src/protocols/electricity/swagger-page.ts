/**
 * The Swagger page at `/apielec/`. Its scripts and styles come from this server, so that it works without
 * an Internet connection; its links are relative, so that it works behind a path prefix.
 */
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'
import { SWAGGER_DOCUMENT } from './swagger-document.ts'

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${SWAGGER_DOCUMENT.info.title}</title>
    <link rel="icon" href="assets/favicon-32x32.png">
    <link rel="stylesheet" href="assets/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="assets/swagger-ui-bundle.js"></script>
    <script src="assets/start.js"></script>
  </body>
</html>
`

const START = `SwaggerUIBundle({ url: '../swagger.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })
`

/** The page's own scripts only; it styles elements in place, and its icons are data addresses. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Files of `@fastify/swagger-ui` that the page needs. */
const ASSET_TYPES = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const

const { resolve } = createRequire(import.meta.url)

export function swaggerPage(http: FastifyInstance): void {
  http.get('/swagger.json', () => SWAGGER_DOCUMENT)
  http.get('/apielec/', (request, reply) => {
    // The router takes the address with and without the slash; the page's links need it.
    if (!request.url.split('?', 1)[0].endsWith('/')) return reply.redirect('apielec/')
    return reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .type('text/html; charset=utf-8')
      .send(PAGE)
  })
  http.get('/apielec/assets/start.js', (_request, reply) =>
    reply.type(ASSET_TYPES['swagger-ui-bundle.js']).send(START),
  )
  for (const [name, type] of Object.entries(ASSET_TYPES)) {
    const path = resolve(`@fastify/swagger-ui/static/${name}`)
    http.get(`/apielec/assets/${name}`, (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=86400').send(createReadStream(path)),
    )
  }
}
