/** Folders that something is about to be written into, and that must hold nothing yet. */
import { mkdir, readdir, realpath, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { AppError, ConflictError, InvalidError } from '../errors.ts'
import { syncFolder } from '../sync-folder.ts'

/** What a lock leaves behind says nothing of a folder's content. */
const IGNORED = new Set(['lock.db', 'lock.db-journal'])

export interface EmptyFolder {
  readonly path: string
  /** Takes away whatever was written into it, and the folder too if it was not there before. */
  clear(): Promise<void>
}

/**
 * Makes the folder, or takes one that is there and empty.
 * @throws {ConflictError} it has something in it; `remedy` is told.
 * @throws {InvalidError} it cannot be made or read.
 */
export async function takeEmptyFolder(path: string, remedy: string): Promise<EmptyFolder> {
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 })
    const names = await readdir(path)
    if (names.some((name) => !IGNORED.has(name))) throw new ConflictError(`${path} is not empty. ${remedy}`)
    for (const folder of madeFolders(path, made)) await syncFolder(dirname(folder))
    return { path, clear: () => clear(path, made) }
  } catch (error) {
    if (error instanceof AppError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOTDIR') throw new InvalidError(`${path} is not a folder`)
    if (code === undefined) throw error
    throw new InvalidError(`${path} cannot be used: ${message}`)
  }
}

/** `made` is the outermost folder that had to be made. */
async function clear(path: string, made: string | undefined): Promise<void> {
  for (const name of await readdir(path)) {
    if (made !== undefined || !IGNORED.has(name)) await rm(join(path, name), { recursive: true, force: true })
  }
  for (const folder of madeFolders(path, made)) {
    // Somebody else may have put something there meanwhile.
    if (
      !(await rmdir(folder).then(
        () => true,
        () => false,
      ))
    )
      return
  }
}

/** Innermost first. */
function madeFolders(path: string, made: string | undefined): string[] {
  if (made === undefined) return []
  const outside = dirname(resolve(made))
  const folders = []
  for (let folder = resolve(path); folder !== outside; folder = dirname(folder)) folders.push(folder)
  return folders
}

/** Whether one path lies in the other or is the same, links resolved; the inner one need not exist. */
export async function isWithin(inner: string, outer: string): Promise<boolean> {
  const way = relative(await realpath(outer), await resolveLinks(resolve(inner)))
  return !isAbsolute(way) && !/^\.\.([\\/]|$)/.test(way)
}

async function resolveLinks(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(await resolveLinks(parent), basename(path))
  }
}
