/** Names of files as clients send them, as they are kept, and what kind of file they say it is. */
import { InvalidError } from '../../errors.ts'

const NAME_CHARS_MAX = 255

/**
 * The name under which a file is kept: the last part of the path, of ASCII letters, digits, `.`, `_` and `-`.
 * @throws {InvalidError} nothing is left, there is no dot, or the extension is none of `fileTypes`.
 */
export function storedName(fileName: string, fileTypes: readonly string[]): string {
  if (fileName === '') throw new InvalidError('no filename specified')
  const last = fileName.split(/[/\\]/).at(-1) ?? ''
  checkExtension(last, fileTypes)
  const name = last
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.+/, '')
  checkExtension(name, fileTypes)
  if (name.length > NAME_CHARS_MAX) {
    throw new InvalidError(`a filename has at most ${NAME_CHARS_MAX} characters`)
  }
  return name
}

/** By the extension; what is not known is bytes. */
export function mediaTypeOf(name: string): string {
  const extension = extensionOf(name)
  return (Object.hasOwn(MEDIA_TYPES, extension) && MEDIA_TYPES[extension]) || 'application/octet-stream'
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  json: 'application/json',
  gz: 'application/gzip',
  tgz: 'application/gzip',
  tar: 'application/x-tar',
  zip: 'application/zip',
}

function checkExtension(name: string, fileTypes: readonly string[]): void {
  if (!name.includes('.')) throw new InvalidError("file does not contain '.'")
  if (fileTypes.includes(extensionOf(name))) return
  throw new InvalidError(`file is not of type: ${fileTypes.join(', ')}`)
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase()
}
