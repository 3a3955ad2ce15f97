/** `sonde package pull`: the files of a tag, whole or not at all. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Connection } from '../connection.ts'
import { Failure } from '../failure.ts'
import { listFiles, type PackageFile, type PackageTag, sizeText } from '../packages/package-files.ts'
import { pullFile } from '../packages/pull-file.ts'
import { transfer } from '../packages/transfer.ts'
import { openProgress } from '../progress.ts'
import { print, printJson, type Shell } from '../shell.ts'
import { withServer } from '../with-server.ts'

interface Options {
  readonly file?: string
  readonly output: string
  readonly json?: true
}

const EXAMPLES = `
A file appears under its name when it is whole and its SHA-256 is right; one that is there already is not fetched
again. What broke off lies in "….part", and the next pull goes on there.

Examples:
  sonde package pull sensor 1.0
  sonde package pull sensor 1.0 --output firmware/
  sonde package pull sensor 1.0 --file sensor.bin --output latest.bin`

export function packagePullCommand(shell: Shell): Command {
  return new Command('pull')
    .description('fetch the files of a tag')
    .argument('<package>', 'its title')
    .argument('<tag>', 'the version')
    .option('--file <name>', 'this one alone (default: all files of the tag)')
    .option('--output <path>', 'folder, or name of the file where the tag has one', '.')
    .option('--json', 'print the files as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (title: string, tag: string, options: Options, command: Command) => {
      const wanted = { package: title, tag }
      const work = (signal: AbortSignal) =>
        withServer(command, shell.environment, (connection) =>
          pull(shell, connection, { wanted, options, signal }),
        )
      await transfer(shell, { remains: 'what came by then is kept, and another pull goes on there', work })
    })
}

interface Job {
  readonly wanted: PackageTag
  readonly options: Options
  readonly signal: AbortSignal
}

async function pull(
  shell: Shell,
  connection: Connection,
  { wanted, options: { file: name, output, json }, signal }: Job,
): Promise<void> {
  const all = await listFiles(connection, wanted)
  const files = name === undefined ? all : all.filter((file) => file.name === name)
  if (files.length === 0) throw noFile(wanted, { name, all })
  const isFolder = files.length > 1 || output.endsWith('/') || (await isFolderHere(output))
  const totalBytes = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0)
  const progress = openProgress(shell.errors, totalBytes)
  const pulled: (PackageFile & { path: string; fetched: boolean })[] = []
  try {
    let doneBytes = 0
    for (const file of files) {
      const path = isFolder ? join(output, file.name) : output
      const onBytes = (count: number) => {
        const text = `${sizeText(doneBytes + count)} of ${sizeText(totalBytes)}`
        progress.update(doneBytes + count, `Pulling ${file.name}, ${text}`)
      }
      const fetched = await pullFile({ connection, wanted, file, path, onBytes, signal })
      doneBytes += file.size_bytes
      pulled.push({ ...file, path, fetched })
    }
  } finally {
    progress.stop()
  }
  if (json) return printJson(shell, pulled)
  for (const { path, sha256, fetched } of pulled) {
    print(shell, `${sha256}  ${path}${fetched ? '' : '  (was there)'}`)
  }
}

async function isFolderHere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

function noFile(
  { package: title, tag }: PackageTag,
  { name, all }: { name: string | undefined; all: readonly PackageFile[] },
): Failure {
  const names = all.map((file) => file.name).join(', ')
  return new Failure(`${title} ${tag} has no file "${name ?? ''}"; it has ${names || 'none'}`)
}
