/** Uploads reports as a phone does. */
import { ADMIN, type Reply, type RestBench } from './rest.fixture.ts'

export interface Upload {
  readonly bytes: Uint8Array
  /** ISO 8601; empty sends none. */
  readonly timestamp: string
  readonly name?: string
  readonly mediaType?: string
  /** Name of the part. */
  readonly part?: string
  readonly token?: string
}

const BOUNDARY = 'a-line-that-no-report-has'

export async function uploadReport({ http }: RestBench, upload: Upload): Promise<Reply> {
  const { bytes, timestamp, name = 'file', mediaType = 'application/octet-stream' } = upload
  const { part = 'file', token = ADMIN.token } = upload
  const head =
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${part}"; filename="${name}"\r\n` +
    `Content-Type: ${mediaType}\r\n\r\n`
  const reply = await http.inject({
    method: 'POST',
    url: `/api/v1/streamer/report/${timestamp && `?timestamp=${timestamp}`}`,
    headers: { authorization: `Token ${token}`, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    payload: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]),
  })
  const isJson = String(reply.headers['content-type']).includes('json')
  return {
    status: reply.statusCode,
    body: isJson ? reply.json() : undefined,
    text: reply.body,
    headers: reply.headers,
  }
}

/** A project with devices of these numbers, claimed for it, in the organisation of the administrator. */
export async function addDevices({ ask }: RestBench, ids: readonly number[]): Promise<{ project: string }> {
  const project = await ask('project/', { method: 'POST', body: { name: 'Garden', org: 'home' } })
  for (const id of ids) {
    const { status, text } = await ask('device/', { method: 'POST', body: { id, project: project.body.id } })
    if (status !== 201) throw new Error(text)
  }
  return { project: project.body.slug }
}
