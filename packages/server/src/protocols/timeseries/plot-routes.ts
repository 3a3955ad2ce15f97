/** `/plot` lists series, and `/plot/<id>` draws one: a page for browsers, which reads the public part of the API. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { HEADERS } from './answers.ts'

const PAGE = fileURLToPath(import.meta.resolve('@sonde/web/series-plot.html'))

export async function plotRoutes(http: FastifyInstance): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  const headers = {
    ...HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policyOf(page),
    'referrer-policy': 'no-referrer',
  }
  const send = async (_request: unknown, reply: FastifyReply) => reply.headers(headers).send(page)
  http.get('', send)
  http.get('/:id', send)
}

/** Lets the page's own script and style run and nothing else, wherever it may come from. */
function policyOf(page: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(page, 'script')}`,
    `style-src ${hashOf(page, 'style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ')
}

function hashOf(page: string, element: 'script' | 'style'): string {
  const [, text = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(page) ?? []
  return `'sha256-${hash('sha256', text, 'base64')}'`
}
