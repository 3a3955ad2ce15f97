/** What only Node can do: files by their path, and servers whose certificate nobody has signed. */
import { openAsBlob } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename } from 'node:path'

export { createUnverifiedFetch } from './unverified-fetch.ts'

/** A file that is read while it is sent. @throws when there is no such file, or it may not be read. */
export async function openFile(path: string): Promise<File> {
  // Says which file, as the opening does not.
  await access(path)
  return new File([await openAsBlob(path)], basename(path))
}
