/** `sonde org|project|device|variable|stream list|get|create|update|delete`. */
import type { Api, Collection, Parameters } from '@sonde/client'
import { Command } from 'commander'
import { confirm } from '../ask-person.ts'
import { Failure } from '../failure.ts'
import { addSetOption, readFlags, readSettings } from '../resources/read-fields.ts'
import { RESOURCE_KINDS, type ResourceKind } from '../resources/resource-kinds.ts'
import { printFields, printTable } from '../resources/show-resources.ts'
import { print, printJson, type Shell } from '../shell.ts'
import { withApi } from '../with-server.ts'

type Options = Readonly<Record<string, unknown>> & {
  readonly json?: true
  readonly set?: readonly string[]
  readonly yes?: true
  readonly staff?: true
  readonly all?: true
}

/** A command per kind. */
export function resourceCommands(shell: Shell): Command[] {
  return RESOURCE_KINDS.map((kind) =>
    new Command(kind.name)
      .description(`list and change ${kind.plural}`)
      .addCommand(listCommand(shell, kind))
      .addCommand(getCommand(shell, kind))
      .addCommand(createCommand(shell, kind))
      .addCommand(updateCommand(shell, kind))
      .addCommand(deleteCommand(shell, kind))
      .addHelpText('after', examplesOf(kind)),
  )
}

function examplesOf({ name, examples }: ResourceKind): string {
  const lines = [`sonde ${name} list`, ...examples]
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

function collectionOf(api: Api, { name }: ResourceKind): Collection<object> {
  return api.resource<Collection<object>>(name)
}

function listCommand(shell: Shell, kind: ResourceKind): Command {
  const command = new Command('list').description(`list ${kind.plural}`)
  for (const { flag, description } of kind.filters) command.option(flag, description)
  if (kind.name === 'device' || kind.name === 'stream') {
    command.option('--all', 'also what belongs to inactive devices')
  }
  return command
    .option('--staff', 'those of all organizations, for staff')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examplesOf(kind))
    .action(async (options: Options, command: Command) => {
      await withApi(command, shell, async ({ api }) => {
        const parameters = {
          ...readFlags(kind.filters, options),
          staff: options.staff ? 1 : undefined,
          all: options.all ? 1 : undefined,
        } as Parameters
        const items = collectionOf(api, kind).items(parameters)
        if (options.json) printJson(shell, await Array.fromAsync(items))
        else await printTable(shell, kind.columns, items)
      })
    })
}

function getCommand(shell: Shell, kind: ResourceKind): Command {
  return new Command('get')
    .description(`show everything about one ${kind.singular}`)
    .argument(`<${kind.id}>`)
    .option('--json', 'print it as JSON')
    .addHelpText('after', examplesOf(kind))
    .action(async (id: string, options: Options, command: Command) => {
      await withApi(command, shell, async ({ api }) => {
        await show(shell, await collectionOf(api, kind)(id).get().catch(missing(kind, id)), options)
      })
    })
}

function createCommand(shell: Shell, kind: ResourceKind): Command {
  const command = new Command('create').description(`make a ${kind.singular}`.replace('a org', 'an org'))
  if (kind.title !== undefined) command.argument(`<${kind.title}>`)
  for (const { flag, description, when } of kind.fields) {
    if (when === 'required') command.requiredOption(flag, description)
    else command.option(flag, description)
  }
  return addSetOption(command, kind)
    .option('--json', 'print it as JSON')
    .addHelpText('after', examplesOf(kind))
    .action(async (...given: unknown[]) => {
      const command = given.at(-1) as Command
      const options = given.at(-2) as Options
      const fields = { ...readFlags(kind.fields, options), ...readSettings(kind, options.set) }
      if (kind.title !== undefined) fields[kind.title] = given[0]
      await withApi(command, shell, async ({ api }) => {
        await show(shell, await collectionOf(api, kind).post(fields), options)
      })
    })
}

function updateCommand(shell: Shell, kind: ResourceKind): Command {
  const command = new Command('update')
    .description(`change a ${kind.singular}; what is not named stays as it is`)
    .argument(`<${kind.id}>`)
  const title = kind.title && {
    field: kind.title,
    flag: `--${kind.title} <text>`,
    description: 'another name',
  }
  const fields = [...(title ? [title] : []), ...kind.fields.filter(({ when }) => when === undefined)]
  for (const { flag, description } of fields) command.option(flag, description)
  return addSetOption(command, kind)
    .option('--json', 'print it as JSON')
    .addHelpText('after', examplesOf(kind))
    .action(async (id: string, options: Options, command: Command) => {
      const changes = { ...readFlags(fields, options), ...readSettings(kind, options.set) }
      if (Object.keys(changes).length === 0)
        command.error('error: say what to change, with an option or --set')
      await withApi(command, shell, async ({ api }) => {
        await show(shell, await collectionOf(api, kind)(id).patch(changes).catch(missing(kind, id)), options)
      })
    })
}

function deleteCommand(shell: Shell, kind: ResourceKind): Command {
  return new Command('delete')
    .description(`delete a ${kind.singular} that has nothing in it any more`)
    .argument(`<${kind.id}>`)
    .option('--yes', 'do not ask; needed where there is no terminal')
    .option('--json', 'print what was deleted as JSON')
    .addHelpText('after', examplesOf(kind))
    .action(async (id: string, { yes, json }: Options, command: Command) => {
      await withApi(command, shell, async ({ api, connection }) => {
        await collectionOf(api, kind)(id).get().catch(missing(kind, id))
        if (!yes) await confirm(shell, `Delete the ${kind.singular} ${id}?`)
        // The client library says that the server refuses, and not why.
        await connection.ask(`${kind.name}/${encodeURIComponent(id)}/`, { method: 'DELETE' })
        if (json) printJson(shell, { deleted: id })
        else print(shell, `Deleted ${id}`)
      })
    })
}

async function show(shell: Shell, resource: object, { json }: Options): Promise<void> {
  if (json) printJson(shell, resource)
  else await printFields(shell, resource)
}

/** "Not found." alone does not say what to do. */
function missing({ name, singular }: ResourceKind, id: string): (error: unknown) => never {
  return (error) => {
    if ((error as { status?: number }).status !== 404) throw error
    throw new Failure(
      `There is no ${singular} "${id}" that you may see; "sonde ${name} list" shows those that are`,
    )
  }
}
