/** `sonde package list`: packages, tags of one, files of a tag. */
import { Command } from 'commander'
import { listFiles, packageResource } from '../packages/package-files.ts'
import { printTable } from '../resources/show-resources.ts'
import { printJson, type Shell } from '../shell.ts'
import { withServer } from '../with-server.ts'

interface Options {
  readonly search?: string
  readonly json?: true
}

const EXAMPLES = `
Examples:
  sonde package list
  sonde package list sensor --search 1.
  sonde package list sensor 1.0`

export function packageListCommand(shell: Shell): Command {
  return new Command('list')
    .description('list packages, the tags of one, or the files of a tag')
    .argument('[package]', 'list its tags')
    .argument('[tag]', 'list its files')
    .option('--search <text>', 'only titles, or tags, that contain it')
    .option('--json', 'print them as JSON')
    .addHelpText('after', EXAMPLES)
    .action(
      async (
        title: string | undefined,
        tag: string | undefined,
        { search, json }: Options,
        command: Command,
      ) => {
        await withServer(command, shell.environment, async (connection) => {
          const list = async () => {
            if (title !== undefined && tag !== undefined) {
              return listFiles(connection, { package: title, tag })
            }
            const resource = title === undefined ? 'packages' : packageResource(title)
            return (await connection.ask(resource, { parameters: { search } })).json() as Promise<object[]>
          }
          const items = await list()
          if (json) return printJson(shell, items)
          await printTable(shell, columnsOf(title, tag), items)
        })
      },
    )
}

function columnsOf(title: string | undefined, tag: string | undefined): Record<string, string> {
  if (tag !== undefined) return { name: 'name', bytes: 'size_bytes', 'SHA-256': 'sha256' }
  return title === undefined ? { package: 'title', id: 'id' } : { tag: 'tag', id: 'id' }
}
