/**
 * What only Node can do, for everywhere else. The package's `imports` put `node/platform.ts` in the place of
 * this file where Node runs it, so bundles for browsers have neither that file nor a mention of Node.
 */

/** @throws {TypeError} always: browsers decide themselves whom they trust. */
export function createUnverifiedFetch(): typeof fetch {
  throw new TypeError('verify: false works in Node only; let this browser trust the certificate instead')
}

/** @throws {TypeError} always: pages do not see files by their path. */
export async function openFile(_path: string): Promise<File> {
  throw new TypeError('uploadFile works in Node only; hand a File, Blob or stream to uploadFp instead')
}
