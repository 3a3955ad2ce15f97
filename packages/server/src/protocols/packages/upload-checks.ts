/** What is checked of an upload before anything of it is looked up, in the order that clients rely on. */
import { InvalidError } from '../../errors.ts'
import { storedName } from './file-names.ts'
import { type JsonMembers, requireTexts } from './json-request.ts'

/** Names that the path has already; the JSON has the others. */
export interface PathNames {
  readonly package?: string | undefined
  readonly tag?: string | undefined
}

export interface UploadNames {
  readonly packageTitle: string
  readonly tag: string
  /** As they are kept. */
  readonly fileNames: readonly string[]
}

const NAME_CHARS_MAX = 255

/** @throws {InvalidError} with the message that clients know. */
export function checkUpload(
  json: JsonMembers,
  path: PathNames,
  files: { readonly names: readonly string[]; readonly types: readonly string[] },
): UploadNames {
  const { package_name = path.package, tag = path.tag } = requireTexts(json, missingIn(path)) as Partial<
    Record<Member, string>
  >
  if (files.names.length === 0) throw new InvalidError('file not in POST request')
  const fileNames = files.names.map((name) => storedName(name, files.types))
  if (package_name!.includes('/')) throw new InvalidError("package_name cannot contain '/'")
  if (tag!.includes('/')) throw new InvalidError("tags cannot contain '/'")
  if (!isValidName(package_name!)) throw new InvalidError('package_name is not valid')
  if (!isValidName(tag!)) throw new InvalidError('tag is not valid')
  return { packageTitle: package_name!, tag: tag!, fileNames }
}

type Member = 'package_name' | 'tag'

function missingIn(path: PathNames): Member[] {
  const members: Member[] = []
  if (path.package === undefined) members.push('package_name')
  if (path.tag === undefined) members.push('tag')
  return members
}

/** Names never reach the file system; those that look as if they might are refused all the same. */
function isValidName(name: string): boolean {
  return (
    name !== '' && name !== '.' && name !== '..' && name.length <= NAME_CHARS_MAX && !/[\p{Cc}\\]/u.test(name)
  )
}
