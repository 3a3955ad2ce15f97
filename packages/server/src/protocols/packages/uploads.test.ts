import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, jsonPart, openPackagesBench, type PackagesBench, upload } from './packages.fixture.ts'

let bench: PackagesBench
let token: string
let count = 0
const cleanups: (() => Promise<void>)[] = []

beforeAll(async () => {
  bench = await openPackagesBench((cleanup) => cleanups.push(cleanup), { fileBytesMax: 200_000 })
  token = await bench.user('morty')
})
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

/** A package name that no other test has. */
const fresh = () => `package-${++count}`
const file = (fileName: string, content: string | Buffer = 'x') => ({ name: 'file', fileName, content })
const messageOf = ({ text }: { text: string }) => JSON.parse(text).message

describe('parameters of an upload', () => {
  const TEXT = '{"package_name": "NAME", "tag": "1/0"}'
  const disposition = (rest: string) => ({ name: 'json', disposition: `form-data; name="json"; ${rest}` })

  it.each([
    ['quotation marks after backslashes', () => [jsonPart(TEXT)]],
    ['percent-encoded', () => [disposition(`filename="${encodeURIComponent(TEXT)}"`)]],
    [
      'beside a percent sign that stands for itself',
      () => [disposition('filename="{%22package_name%22: %22100%%22, %22tag%22: %221/0%22}"')],
    ],
    ['in filename*', () => [disposition(`filename*=UTF-8''${encodeURIComponent(TEXT)}`)]],
    [
      'in filename* beside another name',
      () => [disposition(`filename="x"; filename*=utf-8''${encodeURIComponent(TEXT)}`)],
    ],
    ['as content of a file', () => [{ name: 'json', fileName: 'blob', content: TEXT }]],
    ['as content of a field', () => [{ name: 'json', content: TEXT }]],
    [
      'as plain fields',
      () => [
        { name: 'package_name', content: 'NAME' },
        { name: 'tag', content: '1/0' },
      ],
    ],
    ['behind the file', () => [file('a.txt'), jsonPart(TEXT)]],
  ])('are read %s, with the slash in them', async (_, parts) => {
    const reply = await bench.form('/packages', [...parts(), file('a.txt')], { token })
    expect(messageOf(reply)).toBe("tags cannot contain '/'")
  })

  it.each([
    ['a backslash in a name', { package_name: 'a\\b', tag: '1' }, 400, 'package_name is not valid'],
    ['a backslash in a tag', { package_name: 'a', tag: '\\' }, 400, 'tag is not valid'],
    ['a control character', { package_name: 'a\u0000', tag: '1' }, 400, 'package_name is not valid'],
    ['.', { package_name: 'a', tag: '.' }, 400, 'tag is not valid'],
    ['nothing', { package_name: '', tag: '1' }, 400, 'package_name is not valid'],
    ['256 characters', { package_name: 'x'.repeat(256), tag: '1' }, 400, 'package_name is not valid'],
    ['a number', { package_name: 5, tag: '1' }, 400, 'Not a valid string.'],
    ['null', { package_name: null, tag: '1' }, 400, 'Not a valid string.'],
    ['a list', [1], 400, 'json is not valid'],
    [
      'a slash and a bad tag: the slash first',
      { package_name: '..', tag: 'a/b' },
      400,
      "tags cannot contain '/'",
    ],
  ])('are refused: %s', async (_, parameters, status, message) => {
    const reply = await bench.form('/packages', upload(parameters, 'a.txt'), { token })
    expect([reply.status, messageOf(reply)]).toEqual([status, message])
  })

  it('may have some KiB, and quotation marks and backslashes in a name', async () => {
    const parameters = { package_name: 'say "hi" ünd %41', tag: '1', note: 'x'.repeat(8_000) }
    expect(await bench.form('/packages', upload(parameters, 'a.txt'), { token })).toMatchObject({
      status: 200,
    })
    const path = `/packages/${encodeURIComponent('say "hi" ünd %41')}/1`
    expect(await bench.ask(path, { token })).toMatchObject({ status: 200, text: 'bytes' })
  })

  it.each([
    ['no form', 'x', 'json not in POST request'],
    ['an empty form', formOf([]), 'json not in POST request'],
    ['a file alone', formOf([file('a.txt')]), 'json not in POST request'],
    [
      'a file without a file name',
      formOf([jsonPart('{}'), { name: 'file', content: 'x' }]),
      'file not in POST request',
    ],
    ['an empty file name', formOf([jsonPart('{}'), file('')]), 'no filename specified'],
    [
      'a form that breaks off',
      formOf([jsonPart('{}'), file('a.txt')]).subarray(0, 150),
      'The body is no multipart form: it ends too early',
    ],
  ])('are missing: %s', async (label, payload, message) => {
    const reply = await bench.http.inject({
      method: 'POST',
      url: '/api/v1/packages/p/t',
      headers: {
        token,
        'content-type':
          label === 'no form' ? 'text/plain' : 'multipart/form-data; boundary=sonde-test-boundary',
      },
      payload,
    })
    expect([reply.statusCode, reply.json().message]).toEqual([400, message])
  })
})

describe('names of files', () => {
  it.each([
    ['../../etc/passwd.txt', 'passwd.txt'],
    ['C:\\dir\\my firmware.BIN', 'my_firmware.BIN'],
    ['..hidden.txt', 'hidden.txt'],
    ['naïve;"x".txt', 'naive__x_.txt'],
    ['固件.bin', '__.bin'],
  ])('%s is kept as %s', async (fileName, kept) => {
    const path = `/packages/${fresh()}/1`
    expect(await bench.form(path, upload({}, fileName), { token })).toMatchObject({ status: 200 })
    const { headers } = await bench.ask(path, { token })
    expect(headers['content-disposition']).toBe(`attachment; filename=${kept}`)
    expect(await bench.ask(`${path}/${kept}`, { token })).toMatchObject({ status: 200 })
  })

  it.each([
    ['.txt', "file does not contain '.'"],
    ['dir.txt/', "file does not contain '.'"],
    [`${'x'.repeat(252)}.txt`, 'a filename has at most 255 characters'],
    ['a.', 'file is not of type'],
    ['a.txt.exe', 'file is not of type'],
  ])('%s is refused', async (fileName, message) => {
    const reply = await bench.form(`/packages/${fresh()}/1`, upload({}, fileName), { token })
    expect(reply.status).toBe(400)
    expect(messageOf(reply)).toContain(message)
  })
})

describe('a tag of several files', () => {
  it('is published whole or not at all', async () => {
    const name = fresh()
    const parts = [jsonPart('{}'), file('app.bin', 'one'), file('boot.bin', 'two')]
    expect(await bench.form(`/packages/${name}/1`, parts, { token })).toMatchObject({ status: 200 })
    expect(await bench.ask(`/packages/${name}/1`, { token })).toMatchObject({ text: 'one' })
    expect(await bench.ask(`/packages/${name}/1/boot.bin`, { token })).toMatchObject({ text: 'two' })
    expect(await bench.ask(`/packages/${name}/1/none.bin`, { token })).toMatchObject({ status: 404 })
    const clash = [jsonPart('{}'), file('new.bin'), file('boot.bin')]
    expect(await bench.form(`/packages/${name}/2`, clash, { token })).toMatchObject({ status: 409 })
    const twice = [jsonPart('{}'), file('new.bin'), file('new.bin')]
    expect(await bench.form(`/packages/${name}/2`, twice, { token })).toMatchObject({ status: 409 })
    expect(await bench.ask(`/packages/${name}/2`, { token })).toMatchObject({ status: 404 })
    const { text } = await bench.ask(`/packages/${name}/1?files`, { token })
    expect(JSON.parse(text)).toMatchObject([
      { name: 'app.bin', size_bytes: 3, media_type: 'application/octet-stream', md5: expect.any(String) },
      { name: 'boot.bin' },
    ])
  })

  it('is replaced whole; whoever reads meanwhile gets the old one or the new one', async () => {
    const path = `/packages/${fresh()}/1`
    await bench.form(path, [jsonPart('{}'), file('a.bin', 'old'), file('b.bin', 'old')], { token })
    const replace = bench.form(path, [jsonPart('{}'), file('b.bin', 'new')], { token, method: 'PUT' })
    const seen = await Promise.all(Array.from({ length: 20 }, () => bench.ask(path, { token })))
    expect(seen.every(({ status, text }) => status === 200 && /^(old|new)$/.test(text))).toBe(true)
    expect(await replace).toMatchObject({ status: 200 })
    expect(await bench.ask(path, { token })).toMatchObject({ text: 'new' })
    expect(await bench.ask(`${path}/a.bin`, { token })).toMatchObject({ status: 404 })
  })

  it('belongs to one of several that publish it at the same time', async () => {
    const path = `/packages/${fresh()}/1`
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, index) => bench.form(path, upload({}, `f${index}.bin`), { token })),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(409)])
  })
})

describe('what fails leaves nothing', () => {
  const blobs = () => bench.blobs.stats().then((stats) => stats.blobs)

  it.each([
    ['a taken tag', (path: string) => bench.form(path, upload({}, 'new.bin', 'never kept'), { token }), 409],
    [
      'a bad name',
      (path: string) => bench.form(`${path}%5C`, upload({}, 'new.bin', 'never kept'), { token }),
      400,
    ],
    [
      'a file that is too large',
      (path: string) => bench.form(`${path}b`, upload({}, 'new.bin', Buffer.alloc(200_001)), { token }),
      413,
    ],
  ])('%s is refused before its bytes are kept', async (_, send, status) => {
    const path = `/packages/${fresh()}/1`
    await bench.form(path, upload({}, 'a.bin', 'there'), { token })
    const before = await blobs()
    const reply = await send(path)
    expect(reply.status).toBe(status)
    if (status === 413) expect(messageOf(reply)).toContain('file is too large')
    expect(await blobs()).toBe(before)
  })

  it('takes a file of exactly the largest size', async () => {
    const reply = await bench.form(`/packages/${fresh()}/1`, upload({}, 'a.bin', Buffer.alloc(200_000)), {
      token,
    })
    expect(reply.status).toBe(200)
  })

  it('an upload whose client goes away', async () => {
    await bench.http.listen({ host: '127.0.0.1', port: 0 })
    const { port } = bench.http.server.address() as AddressInfo
    const before = await blobs()
    const name = fresh()
    const body = formOf(upload({}, 'a.bin', Buffer.alloc(100_000)))
    const head =
      `POST /api/v1/packages/${name}/1 HTTP/1.1\r\nHost: x\r\ntoken: ${token}\r\n` +
      `Content-Type: multipart/form-data; boundary=sonde-test-boundary\r\nContent-Length: ${body.length}\r\n\r\n`
    const done = new Promise<void>((resolve) =>
      bench.http.server.once('connection', (socket) => socket.once('close', () => resolve())),
    )
    const socket = connect(port, '127.0.0.1')
    socket.write(head)
    socket.write(body.subarray(0, 50_000), () => socket.destroy())
    await done
    await expect.poll(() => bench.ask(`/packages/${name}/1`, { token })).toMatchObject({ status: 404 })
    expect(await blobs()).toBe(before)
  })
})
