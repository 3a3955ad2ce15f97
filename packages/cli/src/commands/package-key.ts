/** `sonde package key`: public keys that signatures are looked at with. */
import { Command } from 'commander'
import type { Connection } from '../connection.ts'
import { publicKeyText, readPublicKey } from '../packages/signing-keys.ts'
import { printTable } from '../resources/show-resources.ts'
import { print, printJson, type Shell } from '../shell.ts'
import { withServer } from '../with-server.ts'

export interface SigningKey {
  readonly id: string
  readonly name: string
  /** Base64 of 32 bytes. */
  readonly public_key: string
}

interface Options {
  readonly json?: true
}

const RESOURCE = 'user/signing_keys'

const EXAMPLES = `
An account has two keys at most, for exchanging one: sign with both until every device knows the new one. Only the
public half goes to the server, also when the file holds the private key.

Examples:
  openssl genpkey -algorithm ed25519 -out release.pem
  sonde package key add release release.pem
  sonde package key list`

export function packageKeyCommand(shell: Shell): Command {
  return new Command('key')
    .description('list and change the keys of your signatures')
    .addCommand(addCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(deleteCommand(shell))
    .addHelpText('after', EXAMPLES)
}

export async function listSigningKeys(connection: Connection): Promise<SigningKey[]> {
  return (await (await connection.ask(RESOURCE)).json()) as SigningKey[]
}

function addCommand(shell: Shell): Command {
  return new Command('add')
    .description('tell the server a key')
    .argument('<name>', 'what it is for')
    .argument('<pem>', 'file of the Ed25519 key, public or private')
    .option('--json', 'print the key as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, path: string, { json }: Options, command: Command) => {
      const public_key = publicKeyText(await readPublicKey(path))
      await withServer(command, shell.environment, async (connection) => {
        const response = await connection.ask(RESOURCE, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name, public_key }),
        })
        const key = (await response.json()) as SigningKey
        if (json) printJson(shell, key)
        else print(shell, `Added the key ${key.name}, ${key.id}`)
      })
    })
}

function listCommand(shell: Shell): Command {
  return new Command('list')
    .description('list the keys of your account')
    .option('--json', 'print them as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: Options, command: Command) => {
      await withServer(command, shell.environment, async (connection) => {
        const keys = await listSigningKeys(connection)
        if (json) printJson(shell, keys)
        else await printTable(shell, { id: 'id', name: 'name', 'public key': 'public_key' }, keys)
      })
    })
}

function deleteCommand(shell: Shell): Command {
  return new Command('delete')
    .description('delete a key, with the signatures that were made with it')
    .argument('<id>', 'its id, as "sonde package key list" shows it')
    .option('--json', 'print what was deleted as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { json }: Options, command: Command) => {
      await withServer(command, shell.environment, async (connection) => {
        await connection.ask(`${RESOURCE}/${encodeURIComponent(id)}`, { method: 'DELETE' })
        if (json) printJson(shell, { deleted: id })
        else print(shell, `Deleted ${id}`)
      })
    })
}
