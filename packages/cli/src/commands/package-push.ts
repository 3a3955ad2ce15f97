/** `sonde package push`: files become a tag of a package. */
import { basename } from 'node:path'
import { Command } from 'commander'
import type { Connection } from '../connection.ts'
import { Failure } from '../failure.ts'
import { sizeOfFile } from '../packages/hash-file.ts'
import {
  listFiles,
  type PackageFile,
  type PackageTag,
  packageResource,
  sizeText,
} from '../packages/package-files.ts'
import { type PushedFile, PushForm } from '../packages/push-form.ts'
import { transfer } from '../packages/transfer.ts'
import { openProgress } from '../progress.ts'
import { print, printJson, type Shell } from '../shell.ts'
import { withServer } from '../with-server.ts'

interface Options {
  readonly name?: string
  readonly replace?: true
  readonly json?: true
}

interface Ids {
  readonly package_id: number
  readonly tag_id: number
}

const EXAMPLES = `
The first file is the one that "…/packages/sensor/1.0" answers with. The package is made when it is missing. All
files appear at once or none does, also when a tag is replaced. A package has each name of a file once, so that the
version is best a part of it.

Examples:
  sonde package push sensor 1.0 build/sensor-1.0.bin
  sonde package push sensor 1.0 build/sensor-1.0.bin CHANGES-1.0.txt --replace
  sonde package push sensor 1.1 build/sensor.bin --name sensor-1.1.bin --json | jq -r ".files[0].sha256"`

export function packagePushCommand(shell: Shell): Command {
  return new Command('push')
    .description('publish files as a tag of a package')
    .argument('<package>', 'its title')
    .argument('<tag>', 'the version')
    .argument('<files...>', 'the main file first')
    .option('--name <name>', 'of the file, where there is one (default: its own)')
    .option('--replace', 'put the files in the place of those that the tag has')
    .option('--json', 'print ids and files as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (title: string, tag: string, paths: string[], options: Options, command: Command) => {
      const { name, replace, json } = options
      if (name !== undefined && paths.length > 1) command.error('error: --name is for one file')
      const files = paths.map((path) => ({ path, name: name ?? basename(path) }))
      const wanted = { package: title, tag }
      const work = (signal: AbortSignal) =>
        withServer(command, shell.environment, async (connection) => {
          const pushed = await push(shell, connection, { wanted, files, isReplacing: !!replace, signal })
          tell(shell, { ...wanted, ...pushed, isReplacing: !!replace, isJson: !!json })
        })
      await transfer(shell, { remains: 'a tag appears whole or not at all', work })
    })
}

interface Push {
  readonly wanted: PackageTag
  readonly files: readonly PushedFile[]
  readonly isReplacing: boolean
  readonly signal: AbortSignal
}

async function push(
  shell: Shell,
  connection: Connection,
  { wanted, files: sent, isReplacing, signal }: Push,
): Promise<{ ids: Ids; files: PackageFile[] }> {
  let totalBytes = 0
  for (const { path } of sent) totalBytes += await sizeOfFile(path)
  const resource = packageResource(wanted.package, wanted.tag)
  const form = new PushForm(sent)
  const progress = openProgress(shell.errors, totalBytes)
  const show = (name: string) =>
    progress.update(form.byteCount, `Pushing ${name}, ${sizeText(form.byteCount)} of ${sizeText(totalBytes)}`)
  try {
    const answer = await connection.send(resource, {
      method: isReplacing ? 'PUT' : 'POST',
      headers: { 'content-type': form.contentType },
      body: form.chunks(show),
      signal,
    })
    const ids = JSON.parse(answer) as Ids
    const files = await listFiles(connection, wanted)
    const isWhole = files.length === sent.length && files.every(({ sha256 }, i) => sha256 === form.sha256[i])
    if (!isWhole) {
      throw new Failure(
        `What the server has of ${wanted.package} ${wanted.tag} is not what was sent; push it again with --replace`,
      )
    }
    return { ids, files }
  } catch (error) {
    throw form.failure ?? withRemedy(error)
  } finally {
    form.stop()
    progress.stop()
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  'tag is already in use for package': 'replace its files with --replace, or choose another tag',
  'filename exists for package':
    'give the file another one with --name, such as sensor-1.1.bin, or replace the tag with --replace',
}

/** The words of the server alone do not say what to do. */
function withRemedy(error: unknown): unknown {
  const { message } = error as Error
  return Object.hasOwn(REMEDIES, message) ? new Failure(`${message}; ${REMEDIES[message]}`) : error
}

interface Pushed extends PackageTag {
  readonly ids: Ids
  readonly files: readonly PackageFile[]
  readonly isReplacing: boolean
  readonly isJson: boolean
}

function tell(shell: Shell, { package: title, tag, ids, files, isReplacing, isJson }: Pushed): void {
  if (isJson) {
    printJson(shell, { package: title, tag, ...ids, files })
    return
  }
  print(shell, `${isReplacing ? 'Replaced' : 'Pushed'} ${title} ${tag}`)
  for (const { name, sha256, size_bytes } of files)
    print(shell, `${sha256}  ${name}  ${sizeText(size_bytes)}`)
}
