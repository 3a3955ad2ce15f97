/** What the body of an answer becomes for the caller. */

/** These are never JSON, even where they look like it: a table of one number, a file. */
const RAW_TYPES = /^(text\/csv|application\/octet-stream)\b/i

/** Nothing for 204 and 205, what its JSON says, or the bytes of anything else. */
export function readAnswerBody(response: Response, content: Uint8Array): unknown {
  if (response.status === 204 || response.status === 205) return undefined
  if (RAW_TYPES.test(response.headers.get('content-type') ?? '')) return content
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content))
  } catch {
    return content
  }
}
