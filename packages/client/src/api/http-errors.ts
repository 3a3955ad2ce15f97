/** What can go wrong between this program and a server, as classes that a caller can tell apart. */

/** Bytes of a refusal that its message repeats. */
const SHOWN_CHARS_MAX = 4_000

/** Every failure of a request. */
export class RestBaseException extends Error {
  override readonly name: string = 'RestBaseException'
}

/** No answer: nothing listens there, the name is unknown, the connection broke. `cause` has the reason. */
export class RestConnectionError extends RestBaseException {
  override readonly name: string = 'RestConnectionError'
}

/** The server stayed silent for longer than `timeoutMs`. */
export class RestTimeoutError extends RestBaseException {
  override readonly name: string = 'RestTimeoutError'
}

/** A failure that HTTP has a word for. */
export class RestHttpBaseException extends RestBaseException {
  override readonly name: string = 'RestHttpBaseException'
  /** Its body was read already: see `content`. Undefined where there was no answer. */
  readonly response: Response | undefined
  /** The body of the answer; empty where there was none. */
  readonly content: Uint8Array

  constructor(message: string, options: { response?: Response; content?: Uint8Array; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.response = options.response
    this.content = options.content ?? new Uint8Array()
  }

  /** HTTP status; undefined where there was no answer. */
  get status(): number | undefined {
    return this.response?.status
  }

  /** `content` as text. */
  get text(): string {
    return new TextDecoder().decode(this.content)
  }

  /** `content` as what its JSON says; undefined when it is no JSON. */
  get body(): unknown {
    try {
      return JSON.parse(this.text)
    } catch {
      return undefined
    }
  }
}

/** An answer of 400 to 499: the request is not to be repeated as it is. */
export class HttpClientError extends RestHttpBaseException {
  override readonly name: string = 'HttpClientError'
}

/** 404. */
export class HttpNotFoundError extends HttpClientError {
  override readonly name: string = 'HttpNotFoundError'
}

/** An answer of 500 or more. */
export class HttpServerError extends RestHttpBaseException {
  override readonly name: string = 'HttpServerError'
}

/** Nobody that this machine trusts has signed the server's certificate. */
export class HttpCouldNotVerifyServerError extends RestHttpBaseException {
  override readonly name: string = 'HttpCouldNotVerifyServerError'
}

/** The failure that an answer stands for: 400 tells why in parentheses. */
export function refusalOf(response: Response, url: string, content: Uint8Array): RestHttpBaseException {
  const { status } = response
  const details = { response, content }
  if (status >= 500) return new HttpServerError(`Server Error ${status}: ${url}`, details)
  const message = `Client Error ${status}: ${url}`
  if (status === 404) return new HttpNotFoundError(message, details)
  if (status !== 400) return new HttpClientError(message, details)
  const text = new TextDecoder().decode(content)
  const shown = text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text
  return new HttpClientError(`${message} (${shown})`, details)
}

/** What Node calls certificates that it does not accept, besides the codes that begin with `CERT_`. */
const UNVERIFIED_CODES: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** The failure that an error of `fetch` stands for. Browsers do not tell bad certificates from silence. */
export function networkFailureOf(error: unknown, url: string): RestBaseException {
  if (error instanceof RestBaseException) return error
  const { code, message } = rootOf(error)
  if (code !== undefined && (UNVERIFIED_CODES.has(code) || code.startsWith('CERT_'))) {
    const remedy = 'Give the address that the certificate is made for, or verify: false to trust any'
    return new HttpCouldNotVerifyServerError(`Could not verify the server of ${url} (${code}). ${remedy}`, {
      cause: error,
    })
  }
  return new RestConnectionError(`No answer from ${url} (${code ?? message})`, { cause: error })
}

/** `fetch` says little itself, and wraps what the network says. */
function rootOf(error: unknown): { code: string | undefined; message: string } {
  let deepest = error as { code?: unknown; message?: unknown; cause?: unknown }
  for (let depth = 0; depth < 5 && deepest?.cause instanceof Error; depth++) deepest = deepest.cause
  const code = typeof deepest?.code === 'string' ? deepest.code : undefined
  return { code, message: String(deepest?.message ?? error) }
}
