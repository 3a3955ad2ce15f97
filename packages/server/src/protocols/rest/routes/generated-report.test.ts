import { afterAll, describe, expect, it } from 'vitest'
import { findNamedBlobs } from '../../../catalog/blob-references.ts'
import { createOrg, deleteOrg, findOrgBySlug } from '../../../catalog/orgs.ts'
import { US_PER_HOUR } from '../../../model/time.ts'
import { ADMIN, openRestBench } from '../rest.fixture.ts'

const bench = await openRestBench({ limits: { reportFileBytesMax: 2_000 } }, afterAll)
const { clock } = bench
const { catalog, blobs } = bench.services
const owner = await bench.user('beth', 'a0')
const member = await bench.user('morty', 'm1')
const operator = await bench.user('jerry', 'r1')
const stranger = await bench.user('noob')

const post = (path: string, body: unknown, token: string | null = owner) =>
  bench.ask(path, { method: 'POST', body, token })
const create = async (body: object = {}): Promise<string> =>
  (await post('report/generated/', { label: 'January', org: 'home', ...body })).body.id
const announce = async (id: string, body: object) =>
  (await post(`report/generated/${id}/uploadurl/`, body)).body

interface Part {
  readonly fields?: Record<string, string>
  readonly content?: string
  readonly fileFirst?: boolean
}

/** Sends a form as a browser does. */
function sendForm({ fields = {}, content, fileFirst = false }: Part) {
  const boundary = 'x-x-x'
  const head = (name: string, more = '') =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`
  const parts = Object.entries(fields).map(([name, value]) => `${head(name)}${value}\r\n`)
  if (content !== undefined) {
    const file = `${head('file', '; filename="any"\r\nContent-Type: text/html')}${content}\r\n`
    if (fileFirst) parts.unshift(file)
    else parts.push(file)
  }
  return bench.ask('report/upload/', {
    method: 'POST',
    token: null,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: `${parts.join('')}--${boundary}--\r\n`,
  })
}

/** Announces, sends and confirms a file; resolves to its path. */
async function upload(
  id: string,
  body: { name: string; acl?: string; content_type?: string },
  content = 'x',
) {
  const { fields } = await announce(id, body)
  const sent = await sendForm({ fields, content })
  expect([sent.status, sent.text]).toEqual([204, ''])
  const { url } = (await post(`report/generated/${id}/uploadsuccess/`, { name: body.name })).body
  return String(url).replace('http://sonde.test/api/v1/', '')
}

describe('report/generated/', () => {
  it('creates, lists, changes and deletes', async () => {
    const body = { label: 'Water', org: 'home', source_ref: 'p--0000-0001', user_info: { year: 2026 } }
    const made = await post('report/generated/', body)
    const report = {
      ...body,
      id: expect.any(String),
      url: '',
      report: null,
      created_on: '2026-01-01T00:00:00Z',
      created_by: 'beth',
      index_file: null,
      status: 'GS',
    }
    expect([made.status, made.body]).toEqual([201, report])
    const path = `report/generated/${made.body.id}/`
    expect((await bench.ask(path, { token: member })).body).toEqual(report)
    const listed = await bench.ask('report/generated/?source_ref=p--0000-0001&org=home', { token: member })
    expect(listed.body).toMatchObject({ count: 1, results: [report] })
    const changed = await bench.ask(path, { method: 'PATCH', body: { status: 'G0', url: 'x' }, token: owner })
    expect(changed.body).toEqual({ ...report, status: 'G0' })
    expect((await bench.ask(path, { method: 'DELETE', token: owner })).status).toBe(204)
    expect((await bench.ask(path, { token: owner })).status).toBe(404)
  })

  it.each([
    [{ org: 'home' }, { label: ['This field is required.'] }],
    [{ label: 'x' }, { org: ['This field is required.'] }],
    [{ label: 'x', org: 'rick-org' }, { org: ['There is no such organization.'] }],
    [{ label: 'x', org: 'nowhere' }, { org: ['There is no such organization.'] }],
    [
      { label: 'x', org: 'home', user_info: { a: 'x'.repeat(10_000) } },
      { user_info: ['At most 10000 characters of JSON.'] },
    ],
  ])('refuses %j', async (body, errors) => {
    const { status, body: answer } = await post('report/generated/', body)
    expect([status, answer]).toEqual([400, errors])
  })

  it('shows the caller those of organizations whose data they may read', async () => {
    const id = await create()
    const seen = async (token: string, query = '') => {
      const { body } = await bench.ask(`report/generated/${query}`, { token })
      return body.results.some((report: { id: string }) => report.id === id)
    }
    expect([await seen(owner), await seen(operator), await seen(stranger)]).toEqual([true, false, false])
    expect([await seen(ADMIN.token, '?staff=1'), await seen(owner, '?org=rick-org')]).toEqual([true, false])
  })

  it('goes with its organization', async () => {
    const by = { created_by: 1, created_at_us: 0 }
    const org = await createOrg(catalog, { name: 'Brief', ...by })
    const { id } = (await post('report/generated/', { label: 'x', org: 'brief' }, ADMIN.token)).body
    const announced = await post(`report/generated/${id}/uploadurl/`, { name: 'a.txt' }, ADMIN.token)
    expect(announced.status).toBe(202)
    await deleteOrg(catalog, org.id)
    expect(await findOrgBySlug(catalog, 'brief')).toBeUndefined()
    expect((await bench.ask(`report/generated/${id}/`)).status).toBe(404)
  })
})

describe('uploads', () => {
  it('make the report done, with the page as its address', async () => {
    const id = await create()
    const plot = await upload(id, { name: 'images/plot 1.png', acl: 'public-read' })
    const page = await upload(id, { name: 'index.html', acl: 'public-read' }, '<h1>Hello</h1>')
    expect(plot).toBe(`report/generated/${id}/file/images/plot%201.png`)
    const { body } = await bench.ask(`report/generated/${id}/`, { token: owner })
    expect(body).toMatchObject({ status: 'G1', url: `http://sonde.test/api/v1/${page}` })
    const files = (await bench.ask(`report/generated/${id}/files/`, { token: owner })).body.results
    expect(files).toMatchObject([
      { title: 'images/plot 1.png', file_type: 'image/png', size: 1 },
      { id: body.index_file, title: 'index.html', file_type: 'text/html', size: 14, created_by: 'beth' },
    ])
    expect((await bench.ask(page, { token: null })).text).toBe('<h1>Hello</h1>')
  })

  it('may come again, and replace what was there', async () => {
    const id = await create()
    await upload(id, { name: 'a.txt' }, 'old')
    const path = await upload(id, { name: 'a.txt', acl: 'public-read' }, 'new')
    expect((await bench.ask(path, { token: null })).text).toBe('new')
  })

  it('are not done before they were announced and sent', async () => {
    const id = await create()
    const confirm = () => post(`report/generated/${id}/uploadsuccess/`, { name: 'a.txt' })
    expect((await confirm()).status).toBe(404)
    await announce(id, { name: 'a.txt' })
    const early = await confirm()
    expect([early.status, early.body]).toEqual([400, { error: 'The file has not been uploaded yet.' }])
    expect((await bench.ask(`report/generated/${id}/file/a.txt`, { token: owner })).status).toBe(404)
  })

  it.each([
    '../x',
    '/etc/passwd',
    '',
    '.hidden',
    'a//b',
    'a/./b',
    'a\\b',
    'a\nb',
    'a?b',
    'a/b/c/d/e/f',
    ' a',
  ])('refuse the name %j', async (name) => {
    const { status, body } = await post(`report/generated/${await create()}/uploadurl/`, { name })
    expect([status, Object.keys(body)]).toEqual([400, ['name']])
  })

  it.each([{ content_type: 'image/svg+xml' }, { content_type: 'text/xml' }, { acl: 'public-read-write' }])(
    'refuse %j',
    async (more) => {
      const id = await create()
      expect((await post(`report/generated/${id}/uploadurl/`, { name: 'a', ...more })).status).toBe(400)
    },
  )

  it('are bound to the fields as they were given', async () => {
    const { fields } = await announce(await create(), { name: 'a.txt' })
    const policy = JSON.parse(Buffer.from(fields.policy, 'base64url').toString())
    const widened = { ...policy, bytesMax: 1e12 }
    const forged = Buffer.from(JSON.stringify(widened)).toString('base64url')
    for (const change of [
      { acl: 'public-read' },
      { key: 'x' },
      { 'Content-Type': 'text/html' },
      { policy: forged },
    ]) {
      expect((await sendForm({ fields: { ...fields, ...change }, content: 'x' })).status).toBe(403)
    }
    expect((await sendForm({ fields, content: 'x', fileFirst: true })).status).toBe(403)
    expect((await sendForm({ content: 'x' })).status).toBe(403)
    expect((await sendForm({ fields })).status).toBe(400)
    clock.advance(US_PER_HOUR)
    expect((await sendForm({ fields, content: 'x' })).body).toEqual({
      detail: 'This form has expired. Ask for another one.',
    })
  })

  it('are bounded, and leave nothing behind when too large', async () => {
    const { fields, uuid } = await announce(await create(), { name: 'a.txt' })
    const before = await blobs.stats()
    expect((await sendForm({ fields, content: 'x'.repeat(2_001) })).status).toBe(413)
    expect((await sendForm({ fields, content: 'x'.repeat(100_000) })).status).toBe(413)
    expect(await blobs.stats()).toEqual(before)
    expect((await sendForm({ fields, content: 'y'.repeat(2_000) })).status).toBe(204)
    const row = await catalog
      .selectFrom('generated_report_files')
      .select('sha256')
      .where('id', '=', uuid)
      .executeTakeFirstOrThrow()
    expect(await findNamedBlobs(catalog, [row.sha256 ?? ''])).toEqual(new Set([row.sha256]))
  })

  it('come to nothing when the report is gone', async () => {
    const id = await create()
    const { fields } = await announce(id, { name: 'a.txt' })
    await bench.ask(`report/generated/${id}/`, { method: 'DELETE', token: owner })
    expect((await sendForm({ fields, content: 'x' })).status).toBe(404)
  })

  it('are two hundred to a report at most', async () => {
    const id = await create()
    for (let made = 0; made < 200; made++) await announce(id, { name: `${made}.txt` })
    const more = await post(`report/generated/${id}/uploadurl/`, { name: 'more.txt' })
    expect([more.status, more.body]).toEqual([400, ['A report has at most 200 files.']])
    expect((await announce(id, { name: '7.txt' })).uuid).toEqual(expect.any(String))
  })
})

describe('a file of a report', () => {
  it('cannot act in the name of this server', async () => {
    const page = await upload(await create(), { name: 'a.html', acl: 'public-read' }, '<script>1</script>')
    const { headers } = await bench.ask(page, { token: null })
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-disposition': "inline; filename*=UTF-8''a.html",
    })
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).toContain('sandbox allow-scripts')
    expect(policy).toContain("connect-src 'none'")
    expect(policy).toContain("form-action 'none'")
  })

  it.each([
    ['a.csv', 'text/csv; charset=utf-8', 'attachment'],
    ['a.zip', 'application/zip', 'attachment'],
    ['a.js', 'application/javascript; charset=utf-8', 'attachment'],
    ['a.svg', 'application/octet-stream', 'attachment'],
    ['a.png', 'image/png', 'inline'],
    ['a.txt', 'text/plain; charset=utf-8', 'inline'],
  ])('%s goes out as %s, %s', async (name, type, disposition) => {
    const { headers } = await bench.ask(await upload(await create(), { name }), { token: owner })
    expect(headers['content-type']).toBe(type)
    expect(String(headers['content-disposition']).split(';')[0]).toBe(disposition)
    expect(headers['cache-control']).toBe('private, no-store')
  })

  it('that is private is for those who may read data of the organization', async () => {
    const path = await upload(await create(), { name: 'a.txt' })
    const missing = path.replace('a.txt', 'b.txt')
    const statuses = async (path: string) => {
      const answers = []
      for (const token of [null, stranger, operator, member, ADMIN.token]) {
        answers.push((await bench.ask(path, { token })).status)
      }
      return answers
    }
    expect(await statuses(path)).toEqual([401, 404, 403, 200, 200])
    expect(await statuses(missing)).toEqual([401, 404, 403, 404, 404])
  })

  it('is not sent again to who has it', async () => {
    const path = await upload(await create(), { name: 'a.txt', acl: 'public-read' })
    const { headers } = await bench.ask(path, { token: null })
    const again = await bench.ask(path, { token: null, headers: { 'if-none-match': String(headers.etag) } })
    expect([again.status, again.text]).toEqual([304, ''])
  })
})
